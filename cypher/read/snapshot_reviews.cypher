// read/snapshot_reviews: what each user wrote, about which item
// access: read
// returns userId: string — the user's key
// returns reviewId: list<string> — of each review, its key
// returns itemId: list<string> — the item's key
// returns rating: list<float> — stars or grade given with it
// returns positive: list<boolean> — liked or disliked
// returns sentiment: list<float> — of the whole text, -1 … 1
// returns language: list<string> — ISO 639-1 code, or und
// returns at: list<integer> — when it was written, epoch milliseconds
// returns text: list<string> — the text
// returns contentHash: list<string> — hash of the text
MATCH (u:User)
WITH u, [(u)-[:WROTE]->(v:Review)-[:ABOUT]->(i:Item)
         | [v.reviewId, i.itemId, v.rating, v.positive, v.sentiment, v.language,
            v.writtenAt.epochMillis, v.text, v.contentHash]] AS rows
RETURN u.userId AS userId,
       [row IN rows | row[0]] AS reviewId,
       [row IN rows | row[1]] AS itemId,
       [row IN rows | row[2]] AS rating,
       [row IN rows | row[3]] AS positive,
       [row IN rows | row[4]] AS sentiment,
       [row IN rows | row[5]] AS language,
       [row IN rows | row[6]] AS at,
       [row IN rows | row[7]] AS text,
       [row IN rows | row[8]] AS contentHash
