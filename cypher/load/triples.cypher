// load/triples: outside knowledge between entities
// access: write
// param rows: list<map> — head, predicate, tail, source
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MATCH (head:Entity {entityId: row.head})
MATCH (tail:Entity {entityId: row.tail})
MERGE (head)-[r:RELATES_TO {predicate: row.predicate}]->(tail)
SET r.source = row.source,
    r.runId = $runId
