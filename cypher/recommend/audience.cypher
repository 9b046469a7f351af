// recommend/audience: whom to tell about an item
// access: read
// asked: who would like {itemId}?
// asked: whom should we tell about {itemId}?
// asked: which people is {itemId} recommended to?
// asked: who might want {itemId}?
// param itemId: string — the item
// param limit: integer — how many people
// returns userId: string — the user
// returns rank: integer — the item's place on the user's list
// returns probability: float — calibrated chance that the user likes it
// returns reasons: list<string> — why
:param itemId => 'i-1';
:param limit => 25;
MATCH (i:Item {itemId: $itemId})<-[r:RECOMMENDED]-(u:User)
WHERE r.at = u.listAt
RETURN u.userId AS userId,
       r.rank AS rank,
       r.probability AS probability,
       r.reasons AS reasons
ORDER BY rank, r.score DESC, userId
LIMIT $limit
