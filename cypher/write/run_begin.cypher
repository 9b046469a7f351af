// write/run_begin: a run begins, or goes on after it was interrupted
// access: write
// identifier __RUN__: label — EtlRun or ModelRun
// param runId: string — the run
// param startedAt: integer — epoch milliseconds when it began
// param config: string — JSON of its configuration
// param codeVersion: string — version of the program
// param dataHash: string — hash of the tables that are derived from now, or null
MERGE (r:__RUN__ {runId: $runId})
ON CREATE SET r.startedAt = datetime({epochMillis: $startedAt})
SET r.status = 'running', r.config = $config, r.codeVersion = $codeVersion,
    r.dataHash = coalesce($dataHash, r.dataHash)
REMOVE r.finishedAt, r.error
