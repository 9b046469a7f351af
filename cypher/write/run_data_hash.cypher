// write/run_data_hash: what a run loaded has become something else since, and so has the graph
// access: write
// param runId: string — the EtlRun
// param before: string — hash of the tables that it loaded
// param after: string — hash of what they are now
// returns runId: string — the run, no row if that is not what it loaded
MATCH (r:EtlRun {runId: $runId})
WHERE r.dataHash = $before
SET r.dataHash = $after
RETURN r.runId AS runId
