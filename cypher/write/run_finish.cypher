// write/run_finish: a run has ended
// access: write
// identifier __RUN__: label — EtlRun or ModelRun
// param runId: string — the run
// param finishedAt: integer — epoch milliseconds when it ended
// param status: string — done or failed
// param counts: string — JSON of what it wrote
// param timings: string — JSON of seconds per stage
// param metrics: string — JSON of the evaluation, null for an EtlRun
// param dataHash: string — hash of the data that it learned from or loaded
// param artefacts: string — JSON of files in the run's folder with their SHA-256, or null
// param etlRunId: string — for a ModelRun the EtlRun whose facts it learned from, else null
// param error: string — why it failed, else null
// returns runId: string — the run, no row if there is none
MATCH (r:__RUN__ {runId: $runId})
SET r.finishedAt = datetime({epochMillis: $finishedAt}),
    r.status = $status,
    r.counts = $counts,
    r.timings = $timings,
    r.metrics = $metrics,
    r.dataHash = $dataHash,
    r.artefacts = $artefacts,
    r.etlRunId = $etlRunId,
    r.error = $error
RETURN r.runId AS runId
