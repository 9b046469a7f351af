// load/attributes: attributes of one kind
// access: write
// param rows: list<map> — attribute_id (kind and normalised value), kind, name, uri, source
// param runId: string — the :EtlRun that writes
// identifier __KIND__: kind — the kind, which becomes the second label
UNWIND $rows AS row
MERGE (a:Attribute:__KIND__ {attributeId: row.attribute_id})
SET a.kind = row.kind,
    a.name = row.name,
    a.uri = row.uri,
    a.source = row.source,
    a.runId = $runId
