// read/check_runs: users whose list mixes runs; must be empty
// access: read
// returns userId: string — the user
// returns runs: list<string> — the runs
MATCH (u:User)-[r:RECOMMENDED]->(:Item)
WHERE r.at = u.listAt
WITH u, collect(DISTINCT r.runId) AS runs
WHERE size(runs) <> 1
RETURN u.userId AS userId, runs
