// write/import_relationships: relationships of one type as another graph held them
// access: write
// param rows: list<map> — start, end (keys), properties (map), times: list of name, kind and value (ISO)
// identifier __TYPE__: type — the relationship type
// identifier __START__: label — where they start
// identifier __START_KEY__: key — its key
// identifier __END__: label — where they end
// identifier __END_KEY__: key — its key
// returns written: integer — how many; fewer than rows where an end is not in the graph
UNWIND $rows AS row
MATCH (start:__START__ {__START_KEY__: row.start})
MATCH (end:__END__ {__END_KEY__: row.end})
CREATE (start)-[r:__TYPE__]->(end)
SET r = row.properties
FOREACH (t IN row.times | SET r[t.name] = CASE t.kind
  WHEN 'date' THEN date(t.value)
  WHEN 'local' THEN localdatetime(t.value)
  ELSE datetime(t.value)
END)
RETURN count(r) AS written
