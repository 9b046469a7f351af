// read/evidence_reviews: what each user wrote about which item, without the texts
// access: read
// returns userId: string — the user's key
// returns reviewId: list<string> — of each review, its key
// returns itemId: list<string> — the item's key
// returns at: list<integer> — when it was written, epoch milliseconds
// returns sentiment: list<float> — of the whole text, -1 … 1
MATCH (u:User)
WITH u, [(u)-[:WROTE]->(v:Review)-[:ABOUT]->(i:Item)
         | [v.reviewId, i.itemId, v.writtenAt.epochMillis, v.sentiment]] AS rows
RETURN u.userId AS userId,
       [row IN rows | row[0]] AS reviewId,
       [row IN rows | row[1]] AS itemId,
       [row IN rows | row[2]] AS at,
       [row IN rows | row[3]] AS sentiment
