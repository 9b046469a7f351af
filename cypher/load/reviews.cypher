// load/reviews: reviews, who wrote them and what they are about
// access: write
// param rows: list<map> — review_id, user_id, item_id, text, title, rating, positive, written_at (epoch ms), content_hash, source
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MATCH (u:User {userId: row.user_id})
MATCH (i:Item {itemId: row.item_id})
MERGE (v:Review {reviewId: row.review_id})
SET v.text = row.text,
    v.title = row.title,
    v.rating = row.rating,
    v.positive = row.positive,
    v.writtenAt = CASE WHEN row.written_at IS NOT NULL
                       THEN datetime({epochMillis: row.written_at}) END,
    v.contentHash = row.content_hash,
    v.source = row.source,
    v.runId = $runId
MERGE (v)<-[w:WROTE]-(u)
SET w.runId = $runId
MERGE (v)-[a:ABOUT]->(i)
SET a.runId = $runId
