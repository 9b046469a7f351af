// load/aspects: aspects that reviews mention
// access: write
// param rows: list<map> — aspect_id, name, score, extractor
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (a:Aspect {aspectId: row.aspect_id})
SET a.name = row.name,
    a.score = row.score,
    a.extractor = row.extractor,
    a.runId = $runId
