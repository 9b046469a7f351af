// load/known_entities: entities of outside knowledge
// access: write
// param rows: list<map> — entity_id, source
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (e:Entity {entityId: row.entity_id})
SET e.name = coalesce(e.name, row.entity_id),
    e.kind = coalesce(e.kind, 'Knowledge'),
    e.source = row.source,
    e.runId = $runId
