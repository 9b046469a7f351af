// read/snapshot_interactions: what each user did, of one behaviour
// The form of this query decides its speed: one row per user, a pattern comprehension inside.
// access: read
// identifier __BEHAVIOUR__: behaviour — the relationship type
// returns userId: string — the user's key
// returns interactions: list<list> — itemId, rating, positive, count, at (epoch milliseconds)
MATCH (u:User)
RETURN u.userId AS userId,
       [(u)-[r:__BEHAVIOUR__]->(i:Item)
        | [i.itemId, r.rating, r.positive, r.count, r.at.epochMillis]] AS interactions
