// read/served_version: what answers rest on now: they stay the same while these do
// access: read
// Who and what is there comes with it, since somebody may have been forgotten meanwhile.
// param userId: string — a user, or null
// param itemId: string — an item, or null
// returns user: boolean — whether there is such a user
// returns listAt: list<string> — when the user's list was written; none without one
// returns item: boolean — whether there is such an item
// returns published: list<list> — the run whose lists are published, and since when; none at first
// returns loaded: list<list> — the run that loaded the facts, when, and a hash of what; none at first
// returns writing: boolean — whether a run is at work on the graph, or was killed at it
:param userId => null;
:param itemId => null;
RETURN EXISTS { MATCH (:User {userId: $userId}) } AS user,
       COLLECT {
         MATCH (u:User {userId: $userId})
         WHERE u.listAt IS NOT NULL
         RETURN toString(u.listAt)
       } AS listAt,
       EXISTS { MATCH (:Item {itemId: $itemId}) } AS item,
       COLLECT {
         MATCH (r:ModelRun)
         WHERE r.publishedAt IS NOT NULL AND r.retiredAt IS NULL
         RETURN [r.runId, toString(r.publishedAt)]
         ORDER BY r.publishedAt DESC LIMIT 1
       } AS published,
       COLLECT {
         MATCH (r:EtlRun)
         RETURN [r.runId, toString(r.finishedAt), r.dataHash]
         ORDER BY r.startedAt DESC LIMIT 1
       } AS loaded,
       EXISTS { MATCH (r:EtlRun {status: 'running'}) }
         OR EXISTS { MATCH (r:ModelRun {status: 'running'}) } AS writing
