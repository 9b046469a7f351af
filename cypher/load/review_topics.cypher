// load/review_topics: which topics a review is about
// access: write
// param rows: list<map> — review_id, topic_id, weight, extractor
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MATCH (v:Review {reviewId: row.review_id})
MATCH (t:Topic {topicId: row.topic_id})
MERGE (v)-[h:HAS_TOPIC]->(t)
SET h.weight = row.weight,
    h.extractor = row.extractor,
    h.runId = $runId
