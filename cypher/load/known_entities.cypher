// load/known_entities: entities of outside knowledge
// access: write
// param rows: list<map> — entity_id, source, name and kind (null: keep what extraction once found)
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (e:Entity {entityId: row.entity_id})
SET e.name = coalesce(row.name, e.name, row.entity_id),
    e.kind = coalesce(row.kind, e.kind, 'Knowledge'),
    e.source = row.source,
    e.runId = $runId
