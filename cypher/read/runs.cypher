// read/runs: the runs of one kind, or one of them, latest first
// access: read
// identifier __RUN__: label — EtlRun or ModelRun
// param runId: string — the run, or null for all
// returns runId: string — the run
// returns status: string — running, done or failed
// returns startedAt: datetime — when it began
// returns finishedAt: datetime — when it ended
// returns config: string — JSON of its configuration
// returns counts: string — JSON of what it wrote
// returns timings: string — JSON of seconds per stage
// returns metrics: string — JSON of the evaluation
// returns dataHash: string — hash of the data that it learned from or loaded
// returns artefacts: string — JSON of files in the run's folder with their SHA-256
// returns etlRunId: string — for a ModelRun the EtlRun whose facts it learned from
// returns codeVersion: string — version of the program
// returns error: string — why it failed
:param runId => null;
MATCH (r:__RUN__)
WHERE $runId IS NULL OR r.runId = $runId
RETURN r.runId AS runId,
       r.status AS status,
       r.startedAt AS startedAt,
       r.finishedAt AS finishedAt,
       r.config AS config,
       r.counts AS counts,
       r.timings AS timings,
       r.metrics AS metrics,
       r.dataHash AS dataHash,
       r.artefacts AS artefacts,
       r.etlRunId AS etlRunId,
       r.codeVersion AS codeVersion,
       r.error AS error
ORDER BY startedAt DESC, runId
