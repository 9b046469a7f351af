// read/dated_reviews: every review that has a date
// access: read
// returns reviewId: string — the review's key
// returns itemId: string — the item's key
// returns at: integer — when it was written, epoch milliseconds
// returns positive: boolean — liked or disliked
// returns sentiment: float — of the whole text, -1 … 1
MATCH (v:Review)-[:ABOUT]->(i:Item)
WHERE v.writtenAt IS NOT NULL
RETURN v.reviewId AS reviewId,
       i.itemId AS itemId,
       v.writtenAt.epochMillis AS at,
       v.positive AS positive,
       v.sentiment AS sentiment
