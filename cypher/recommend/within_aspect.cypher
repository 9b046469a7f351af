// recommend/within_aspect: what of a user's list people praise for an aspect
// access: read
// asked: what with good {aspectId} do you recommend to {userId}?
// asked: items for {userId} that are praised for {aspectId}
// asked: which of the recommendations for {userId} have the best {aspectId}?
// The list comes first, so that a server does not begin at all that shares the aspect.
// param userId: string — the user
// param aspectId: string — the aspect, such as battery life
// param limit: integer — how many
// returns rank: integer — place on the whole list
// returns itemId: string — the item
// returns title: string — its name
// returns score: float — the model's score
// returns sentiment: float — how people speak of the aspect, 0 … 1
// returns support: integer — reviews that speak of it
:param userId => 'u-1';
:param aspectId => 'sound';
:param limit => 10;
MATCH (u:User {userId: $userId})
WITH u, u.listAt AS at
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item)
WITH r, i
MATCH (i)-[d:DESCRIBED_BY]->(a:Aspect)
WHERE a.aspectId = $aspectId AND d.sentiment > 0
RETURN r.rank AS rank,
       i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       r.score AS score,
       d.sentiment AS sentiment,
       d.support AS support
ORDER BY rank
LIMIT $limit
