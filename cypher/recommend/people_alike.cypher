// recommend/people_alike: what people with a taste like the user's like, and the user does not know
// access: read
// asked: what do people like who are like {userId}?
// asked: what do people with a taste like that of {userId} like?
// asked: likes of people similar to {userId}
// asked: who is like {userId}, and what do they like?
// People count by the items that they and the user like, over the root of how much they do. The
// search begins at the user's latest likes and weighs twice as many people as it asks, so that it
// answers as fast for those who like thousands.
// param userId: string — the user
// param items: integer — how many of the user's latest likes to begin at
// param people: integer — how many people alike to ask
// param limit: integer — how many items
// returns itemId: string — the item
// returns title: string — its name
// returns people: integer — how many of them like it
// returns score: float — the sum of their likeness
:param userId => 'u-1';
:param items => 50;
:param people => 30;
:param limit => 10;
MATCH (u:User {userId: $userId})-[mine:!RECOMMENDED]->(j:Item)
WHERE coalesce(mine.positive, true)
WITH u, j, max(mine.at) AS at ORDER BY at IS NULL, at DESC, j.itemId LIMIT $items
MATCH (j)<-[theirs:!RECOMMENDED]-(v:User)
WHERE v <> u AND coalesce(theirs.positive, true)
WITH u, v, count(DISTINCT j) AS together ORDER BY together DESC, v.userId LIMIT 2 * $people
WITH u, v, together / sqrt(COUNT { (v)-[:!RECOMMENDED]->(:Item) }) AS likeness
ORDER BY likeness DESC, v.userId LIMIT $people
MATCH (v)-[liked:!RECOMMENDED]->(i:Item)
WHERE coalesce(liked.positive, true)
WITH DISTINCT u, v, i, likeness
WITH u, i, count(v) AS people, sum(likeness) AS score
WITH u, collect({item: i, people: people, score: score}) AS found
WITH found, COLLECT { MATCH (u)-[:!RECOMMENDED]->(i:Item) RETURN i.itemId } AS known
UNWIND found AS one
WITH one.item AS i, one.people AS people, one.score AS score, known
WHERE NOT i.itemId IN known
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       people,
       score
ORDER BY score DESC, itemId
LIMIT $limit
