// load/review_facts: what extraction found out about whole reviews
// access: write
// param rows: list<map> — review_id, language, sentiment, tokens, extractor
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MATCH (v:Review {reviewId: row.review_id})
SET v.language = row.language,
    v.sentiment = row.sentiment,
    v.tokens = row.tokens,
    v.extractor = row.extractor,
    v.runId = $runId
