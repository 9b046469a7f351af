// load/relations: one declared relation between users or items
// access: write
// param rows: list<map> — start_id, end_id, source
// param runId: string — the :EtlRun that writes
// identifier __TYPE__: relation — the relationship type
// identifier __START__: label — User or Item
// identifier __START_KEY__: key — the start's key
// identifier __END__: label — User or Item
// identifier __END_KEY__: key — the end's key
UNWIND $rows AS row
MATCH (start:__START__ {__START_KEY__: row.start_id})
MATCH (end:__END__ {__END_KEY__: row.end_id})
MERGE (start)-[r:__TYPE__]->(end)
SET r.source = row.source,
    r.runId = $runId
