// load/mentions: which review mentions which entity or aspect, and where
// access: write
// param rows: list<map> — review_id, target_id, count, sentiment, starts, ends, extractor
// param runId: string — the :EtlRun that writes
// identifier __LABEL__: label — Entity or Aspect
// identifier __KEY__: key — its key
UNWIND $rows AS row
MATCH (v:Review {reviewId: row.review_id})
MATCH (t:__LABEL__ {__KEY__: row.target_id})
MERGE (v)-[m:MENTIONS]->(t)
SET m.count = row.count,
    m.sentiment = row.sentiment,
    m.starts = row.starts,
    m.ends = row.ends,
    m.extractor = row.extractor,
    m.runId = $runId
