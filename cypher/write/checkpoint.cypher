// write/checkpoint: remember how far a stage of a run has loaded its rows
// access: write
// param runId: string — the :EtlRun
// param stage: string — the stage
// param done: integer — rows committed, in the order of their key
// param contentHash: string — hash of all the stage's rows
// returns checkpointId: string — the checkpoint, none if there is no such run
MATCH (run:EtlRun {runId: $runId})
MERGE (c:Checkpoint {checkpointId: $runId + '/' + $stage})
SET c.stage = $stage, c.rows = $done, c.contentHash = $contentHash
MERGE (run)-[:HAS_CHECKPOINT]->(c)
RETURN c.checkpointId AS checkpointId
