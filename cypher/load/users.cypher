// load/users: users with their declared traits
// access: write
// param rows: list<map> — user_id, traits (map), source, seen_in (source of one that no table of users declares)
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (u:User {userId: row.user_id})
SET u += coalesce(row.traits, {}),
    u.source = coalesce(row.source, u.source, row.seen_in),
    u.runId = $runId
