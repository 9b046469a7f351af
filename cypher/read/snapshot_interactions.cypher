// read/snapshot_interactions: what each user did, of one behaviour
// The form decides the speed: one row per user with a pattern comprehension inside streams, where
// collect() and pages do not; a list per property costs the reader a third of a list per relationship.
// access: read
// identifier __BEHAVIOUR__: behaviour — the relationship type
// returns userId: string — the user's key
// returns itemId: list<string> — of each interaction, the item's key
// returns rating: list<float> — stars or grade
// returns positive: list<boolean> — liked or disliked
// returns count: list<integer> — how often
// returns at: list<integer> — when, epoch milliseconds
MATCH (u:User)
WITH u, [(u)-[r:__BEHAVIOUR__]->(i:Item)
         | [i.itemId, r.rating, r.positive, r.count, r.at.epochMillis]] AS rows
RETURN u.userId AS userId,
       [row IN rows | row[0]] AS itemId,
       [row IN rows | row[1]] AS rating,
       [row IN rows | row[2]] AS positive,
       [row IN rows | row[3]] AS count,
       [row IN rows | row[4]] AS at
