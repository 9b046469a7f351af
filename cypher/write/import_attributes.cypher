// write/import_attributes: attributes of one kind as another graph held them
// access: write
// param rows: list<map> — key, properties (map), times: list of name, kind and value (ISO)
// identifier __KIND__: kind — the kind, which becomes the second label
UNWIND $rows AS row
MERGE (n:Attribute:__KIND__ {attributeId: row.key})
SET n += row.properties
FOREACH (t IN row.times | SET n[t.name] = CASE t.kind
  WHEN 'date' THEN date(t.value)
  WHEN 'local' THEN localdatetime(t.value)
  ELSE datetime(t.value)
END)
