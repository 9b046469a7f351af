// browse/interests_alike: people who care for the same things as a user, and which
// access: read
// asked: who cares for the same things as {userId}?
// asked: people with the same interests as {userId}
// asked: who is interested in what {userId} is interested in?
// Alike by the cosine of the weights of their interests. The search begins at the user's strongest
// interests and takes five times as many people as it returns, so that it answers as fast for
// those who care for much.
// param userId: string — the user
// param interests: integer — how many of the user's interests to begin at
// param limit: integer — how many people
// returns userId: string — the person
// returns likeness: float — cosine over the interests begun at, 0 … 1
// returns shared: integer — how many of those interests both have
// returns because: list<string> — the shared things that count most
:param userId => 'u-1';
:param interests => 30;
:param limit => 10;
MATCH (u:User {userId: $userId})-[mine:INTERESTED_IN]->(t)
WITH u, t, mine.weight AS weight, coalesce(t.name, t.label) AS name
ORDER BY weight DESC, name
LIMIT $interests
MATCH (t)<-[theirs:INTERESTED_IN]-(v:User)
WHERE v <> u
WITH u, v, name, weight * theirs.weight AS part
ORDER BY part DESC, name
WITH u, v, sum(part) AS together, count(*) AS shared, collect(name)[..5] AS because
ORDER BY together DESC, v.userId
LIMIT 5 * $limit
CALL (v) {
  MATCH (v)-[n:INTERESTED_IN]->()
  RETURN sqrt(sum(n.weight * n.weight)) AS theirs
}
CALL (u) {
  MATCH (u)-[n:INTERESTED_IN]->()
  RETURN sqrt(sum(n.weight * n.weight)) AS mine
}
RETURN v.userId AS userId,
       together / (mine * theirs) AS likeness,
       shared,
       because
ORDER BY likeness DESC, userId
LIMIT $limit
