// recommend/for_user: the best items for a user, best first
// access: read
// asked: what do you recommend to {userId}?
// asked: the best items for {userId}
// asked: what would {userId} like?
// asked: what should {userId} look at next?
// asked: top recommendations for {userId}
// asked: suggest something for {userId}
// param userId: string — the user
// param limit: integer — how many
// returns rank: integer — place on the list
// returns itemId: string — the item
// returns title: string — its name
// returns score: float — the model's score
// returns probability: float — calibrated chance that the user likes it
// returns rating: float — what the user would rate it, if the model predicts ratings
// returns coldStart: boolean — the model knew little about the user
// returns reasons: list<string> — kind|weight|key; recommend/why replays them
:param userId => 'u-1';
:param limit => 10;
MATCH (u:User {userId: $userId})
WITH u, u.listAt AS at
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item)
RETURN r.rank AS rank,
       i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       r.score AS score,
       r.probability AS probability,
       r.rating AS rating,
       r.coldStart AS coldStart,
       r.reasons AS reasons
ORDER BY rank
LIMIT $limit
