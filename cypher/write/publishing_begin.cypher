// write/publishing_begin: the results of a run that was done are being written again
// access: write
// param runId: string — the :ModelRun
// returns runId: string — the run, no row if there is none
MATCH (r:ModelRun {runId: $runId})
SET r.status = 'running'
RETURN r.runId AS runId
