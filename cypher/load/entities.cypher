// load/entities: entities that reviews mention
// access: write
// Of those that outside knowledge names, load/known_entities wrote the source before.
// param rows: list<map> — entity_id, name, kind
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (e:Entity {entityId: row.entity_id})
SET e.name = row.name,
    e.kind = row.kind,
    e.source = CASE WHEN e.runId = $runId THEN e.source END,
    e.runId = $runId
