// recommend/not_seen: a user's list without what the user has met since it was published
// access: read
// asked: what on the list of {userId} has {userId} not seen yet?
// asked: recommendations for {userId} that are still unseen
// asked: what that {userId} does not know yet is recommended to {userId}?
// asked: what is new for {userId}?
// param userId: string — the user
// param limit: integer — how many
// returns place: integer — 1, 2, … of what is left
// returns rank: integer — place on the published list
// returns itemId: string — the item
// returns title: string — its name
// returns score: float — the model's score
:param userId => 'u-1';
:param limit => 10;
MATCH (u:User {userId: $userId})
WITH u, u.listAt AS at
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item)
WHERE NOT EXISTS { MATCH (u)-[met]->(i) WHERE type(met) <> 'RECOMMENDED' }
WITH i, r ORDER BY r.rank LIMIT $limit
WITH collect({item: i, r: r}) AS places
UNWIND range(0, size(places) - 1) AS n
WITH n + 1 AS place, places[n].item AS i, places[n].r AS r
RETURN place,
       r.rank AS rank,
       i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       r.score AS score
ORDER BY place
