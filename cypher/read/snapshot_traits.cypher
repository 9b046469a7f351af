// read/snapshot_traits: what sources declared about each user
// access: read
// returns userId: string — the user's key
// returns name: list<string> — of each trait, its name
// returns value: list<string> — its value, as text
MATCH (u:User)
WITH u, ['userId', 'itemCount', 'likedCount', 'listAt', 'embedding', 'source', 'runId'] AS own
WITH u, [name IN keys(u) WHERE NOT name IN own] AS names
RETURN u.userId AS userId, names AS name, [name IN names | toString(u[name])] AS value
