// write/show_kept_lists: from now on readers of some users see the lists that a run left in the graph
// access: write
// Who has none of that run has no list then.
// param userIds: list<string> — the users
// param runId: string — the :ModelRun that wrote the lists
// returns users: integer — how many of the users have one
// returns places: integer — on all these lists
UNWIND $userIds AS userId
MATCH (u:User {userId: userId})
OPTIONAL MATCH (u)-[r:RECOMMENDED]->(:Item)
WHERE r.runId = $runId
WITH u, max(r.at) AS at, count(r) AS places
SET u.listAt = at
RETURN count(at) AS users, sum(places) AS places
