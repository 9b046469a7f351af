// write/publishing_end: a run's results are published, and those of no other run any more
// access: write
// One that was killed while it published stays no longer "running": what it left has been replaced.
// param runId: string — the :ModelRun
// param at: integer — epoch milliseconds when they were written
// param by: string — who published them
// param forcedBy: string — who published them against the gate's word, or null
// param replaced: string — the run whose results were there before, or null
// returns runId: string — the run, no row if there is none
MATCH (r:ModelRun {runId: $runId})
OPTIONAL MATCH (other:ModelRun)
WHERE other.runId <> $runId
  AND (other.status = 'running' OR (other.publishedAt IS NOT NULL AND other.retiredAt IS NULL))
WITH r, collect(other) AS others
FOREACH (other IN others | SET
  other.retiredAt = coalesce(other.retiredAt, datetime({epochMillis: $at})),
  other.status = CASE WHEN other.status <> 'running' THEN other.status
                      WHEN other.publishedAt IS NULL THEN 'failed' ELSE 'done' END)
SET r.status = 'done',
    r.publishedAt = datetime({epochMillis: $at}),
    r.publishedBy = $by,
    r.forcedBy = $forcedBy,
    r.replaced = $replaced,
    r.listsThere = true,
    r.retiredAt = null
RETURN r.runId AS runId
