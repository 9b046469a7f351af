// recommend/people_alike: what people with a taste like the user's like, and the user does not know
// access: read
// People count by what they like together with the user, over the root of how much they like.
// param userId: string — the user
// param people: integer — how many people alike to ask
// param limit: integer — how many items
// returns itemId: string — the item
// returns title: string — its name
// returns people: integer — how many of them like it
// returns score: float — the sum of their likeness
:param userId => 'u-1';
:param people => 30;
:param limit => 10;
MATCH (u:User {userId: $userId})-[mine]->(:Item)<-[theirs]-(v:User)
WHERE v <> u AND type(mine) <> 'RECOMMENDED' AND type(theirs) <> 'RECOMMENDED'
  AND coalesce(mine.positive, true) AND coalesce(theirs.positive, true)
WITH u, v, count(*) AS together
WITH u, v, together / sqrt(COUNT { (v)-[does]->(:Item) WHERE type(does) <> 'RECOMMENDED' }) AS likeness
ORDER BY likeness DESC, v.userId
LIMIT $people
MATCH (v)-[liked]->(i:Item)
WHERE type(liked) <> 'RECOMMENDED' AND coalesce(liked.positive, true)
  AND NOT EXISTS { MATCH (u)-[knows]->(i) WHERE type(knows) <> 'RECOMMENDED' }
WITH DISTINCT i, v, likeness
WITH i, count(v) AS people, sum(likeness) AS score
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       people,
       score
ORDER BY score DESC, itemId
LIMIT $limit
