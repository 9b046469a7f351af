// write/import_nodes: nodes of one label as another graph held them
// access: write
// param rows: list<map> — key, properties (map), times: list of name, kind and value (ISO)
// identifier __LABEL__: label — the label
// identifier __KEY__: key — its key
UNWIND $rows AS row
MERGE (n:__LABEL__ {__KEY__: row.key})
SET n += row.properties
FOREACH (t IN row.times | SET n[t.name] = CASE t.kind
  WHEN 'date' THEN date(t.value)
  WHEN 'local' THEN localdatetime(t.value)
  ELSE datetime(t.value)
END)
