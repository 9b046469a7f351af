// recommend/people_alike: what people with a taste like the user's like, and the user does not know
// access: read
// asked: what do people like who are like {userId}?
// asked: what do people with a taste like that of {userId} like?
// asked: likes of people similar to {userId}
// asked: who is like {userId}, and what do they like?
// People count by the items that they and the user like, over the root of how much they know. The
// search begins at those of the user's likes that fewest people know, which say most of a taste,
// and weighs twice as many people as it asks, so that it answers as fast for those who like
// thousands. How many know an item, and how much somebody knows, is counted when facts are loaded.
// param userId: string — the user
// param items: integer — how many of the user's likes to begin at
// param people: integer — how many people alike to ask
// param limit: integer — how many items
// returns itemId: string — the item
// returns title: string — its name
// returns people: integer — how many of them like it
// returns score: float — the sum of their likeness
:param userId => 'u-1';
:param items => 15;
:param people => 30;
:param limit => 10;
MATCH (u:User {userId: $userId})-[mine:!(RECOMMENDED|INTERESTED_IN|WROTE)]->(j:Item)
WHERE coalesce(mine.positive, true)
WITH DISTINCT u, j
ORDER BY j.userCount, j.itemId LIMIT $items
MATCH (j)<-[theirs:!(RECOMMENDED|ABOUT|SIMILAR_TO)]-(v:User)
WHERE v <> u AND coalesce(theirs.positive, true)
WITH u, v, count(DISTINCT j) AS together ORDER BY together DESC, v.userId LIMIT 2 * $people
WITH u, v, CASE WHEN v.itemCount > together THEN together / sqrt(v.itemCount)
                ELSE sqrt(together) END AS likeness
ORDER BY likeness DESC, v.userId LIMIT $people
MATCH (v)-[liked:!(RECOMMENDED|INTERESTED_IN|WROTE)]->(i:Item)
WHERE coalesce(liked.positive, true)
WITH DISTINCT u, v, i, likeness
WITH u, i, count(v) AS people, sum(likeness) AS score
WITH u, collect({item: i, people: people, score: score}) AS found
WITH found, COLLECT {
  MATCH (u)-[:!(RECOMMENDED|INTERESTED_IN|WROTE)]->(i:Item) RETURN i.itemId
} AS known
UNWIND found AS one
WITH one.item AS i, one.people AS people, one.score AS score, known
WHERE NOT i.itemId IN known
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       people,
       score
ORDER BY score DESC, itemId
LIMIT $limit
