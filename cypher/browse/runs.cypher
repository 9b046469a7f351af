// browse/runs: what was loaded, trained and published, latest first
// access: read
// asked: which runs were there?
// asked: when was the model trained?
// asked: what was loaded and published last?
// asked: what was loaded and trained lately?
// asked: when did the last run end?
// returns kind: string — EtlRun or ModelRun
// returns runId: string — the run
// returns status: string — running, done or failed
// returns startedAt: datetime — when it began
// returns finishedAt: datetime — when it ended
// returns metrics: string — JSON of the evaluation
// returns lists: integer — users whose published list is of this run
CALL {
  MATCH (u:User)-[r:RECOMMENDED {rank: 1}]->()
  WHERE r.at = u.listAt
  WITH r.runId AS runId, count(*) AS lists
  RETURN collect({runId: runId, lists: lists}) AS published
}
MATCH (run:EtlRun|ModelRun)
RETURN CASE WHEN run:ModelRun THEN 'ModelRun' ELSE 'EtlRun' END AS kind,
       run.runId AS runId,
       run.status AS status,
       run.startedAt AS startedAt,
       run.finishedAt AS finishedAt,
       run.metrics AS metrics,
       coalesce([each IN published WHERE each.runId = run.runId | each.lists][0], 0) AS lists
ORDER BY startedAt DESC, runId
