// load/same_as: which entity an item or attribute is
// access: write
// param rows: list<map> — id, entity_id, source, confidence
// param runId: string — the :EtlRun that writes
// identifier __LABEL__: label — Item or Attribute
// identifier __KEY__: key — its key
UNWIND $rows AS row
MATCH (n:__LABEL__ {__KEY__: row.id})
MATCH (e:Entity {entityId: row.entity_id})
MERGE (n)-[s:SAME_AS]->(e)
SET s.source = row.source,
    s.confidence = row.confidence,
    s.runId = $runId
