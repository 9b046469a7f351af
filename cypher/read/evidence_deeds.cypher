// read/evidence_deeds: what each user did, of all behaviours and relations to items
// access: read
// returns userId: string — the user's key
// returns itemId: list<string> — of each relationship, the item's key
// returns positive: list<boolean> — liked or disliked
// returns at: list<integer> — when, epoch milliseconds
MATCH (u:User)
WITH u, [(u)-[r:!RECOMMENDED]->(i:Item) | [i.itemId, r.positive, r.at.epochMillis]] AS rows
RETURN u.userId AS userId,
       [row IN rows | row[0]] AS itemId,
       [row IN rows | row[1]] AS positive,
       [row IN rows | row[2]] AS at
