// recommend/for_group: what several people could enjoy together
// access: read
// asked: what would {userIds} like together?
// asked: recommend something for the group of {userIds}
// asked: what suits all of {userIds}?
// asked: something that {userIds} could both enjoy
// An item counts by its worst place on their lists, then by the sum of places.
// param userIds: list<string> — the people
// param limit: integer — how many
// returns itemId: string — the item
// returns title: string — its name
// returns people: integer — on how many of their lists it is
// returns worst: integer — its worst place among those
:param userIds => ['u-1', 'u-2'];
:param limit => 10;
UNWIND $userIds AS userId
MATCH (u:User {userId: userId})
OPTIONAL MATCH (u)-[:!RECOMMENDED]->(met:Item)
WITH collect(DISTINCT u) AS group, collect(met.itemId) AS known
UNWIND group AS u
WITH u, u.listAt AS at, known
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item)
WHERE NOT i.itemId IN known
WITH i, count(u) AS people, max(r.rank) AS worst, sum(r.rank) AS places
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       people,
       worst
ORDER BY people DESC, worst, places, itemId
LIMIT $limit
