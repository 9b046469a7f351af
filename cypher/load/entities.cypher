// load/entities: entities that reviews mention
// access: write
// param rows: list<map> — entity_id, name, kind
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (e:Entity {entityId: row.entity_id})
SET e.name = row.name,
    e.kind = row.kind,
    e.runId = $runId
