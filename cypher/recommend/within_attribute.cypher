// recommend/within_attribute: what of a user's list has an attribute, such as a genre or brand
// access: read
// asked: what by {attributeId} do you recommend to {userId}?
// asked: items with {attributeId} for {userId}
// asked: which of the recommendations for {userId} are {attributeId}?
// asked: anything by {attributeId} that fits {userId}?
// The list comes first, so that a server does not begin at all that shares the attribute.
// param userId: string — the user
// param attributeId: string — the attribute: kind and value in small letters
// param limit: integer — how many
// returns rank: integer — place on the whole list
// returns itemId: string — the item
// returns title: string — its name
// returns score: float — the model's score
// returns attribute: string — the attribute's name
:param userId => 'u-1';
:param attributeId => 'Genre:drama';
:param limit => 10;
MATCH (u:User {userId: $userId})
WITH u, u.listAt AS at
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item)
WITH r, i
MATCH (i)-[:HAS_ATTRIBUTE]->(a:Attribute)
WHERE a.attributeId = $attributeId
RETURN r.rank AS rank,
       i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       r.score AS score,
       a.name AS attribute
ORDER BY rank
LIMIT $limit
