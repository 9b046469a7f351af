// read/snapshot_reviews: what each user wrote, about which item
// access: read
// returns userId: string — the user's key
// returns reviews: list<list> — reviewId, itemId, rating, positive, sentiment, language, at (epoch milliseconds), text, contentHash
MATCH (u:User)
RETURN u.userId AS userId,
       [(u)-[:WROTE]->(v:Review)-[:ABOUT]->(i:Item)
        | [v.reviewId, i.itemId, v.rating, v.positive, v.sentiment, v.language,
           v.writtenAt.epochMillis, v.text, v.contentHash]] AS reviews
