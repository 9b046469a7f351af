// read/published_runs: which runs were published, the last one first
// access: read
// returns runId: string — the run
// returns publishedAt: datetime — when its results were last published
// returns publishedBy: string — who published them
// returns forcedBy: string — who published them against the gate's word
// returns replaced: string — the run whose results were there before
// returns retiredAt: datetime — since when another run's are there, null while its own are
// returns listsThere: boolean — whether its lists are whole in the graph, read or not
MATCH (r:ModelRun)
WHERE r.publishedAt IS NOT NULL
RETURN r.runId AS runId,
       r.publishedAt AS publishedAt,
       r.publishedBy AS publishedBy,
       r.forcedBy AS forcedBy,
       r.replaced AS replaced,
       r.retiredAt AS retiredAt,
       coalesce(r.listsThere, false) AS listsThere
ORDER BY publishedAt DESC, runId
