// read/checkpoint: how far a stage of a run has loaded its rows
// access: read
// param runId: string — the :EtlRun
// param stage: string — the stage
// returns done: integer — rows committed, in the order of their key
// returns contentHash: string — hash of all the stage's rows
MATCH (:EtlRun {runId: $runId})-[:HAS_CHECKPOINT]->(c:Checkpoint {stage: $stage})
RETURN c.rows AS done, c.contentHash AS contentHash
