// load/users: users with their declared traits
// access: write
// A user has what this load says and nothing of earlier ones; a model's vector, counts and the mark of the
// published list stay.
// param rows: list<map> — user_id, traits (map), source, seen_in (source of one that no table of users declares)
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (u:User {userId: row.user_id})
SET u = {
      userId: row.user_id,
      source: coalesce(row.source, row.seen_in),
      itemCount: u.itemCount,
      likedCount: u.likedCount,
      embedding: u.embedding,
      listAt: u.listAt,
      runId: $runId
    },
    u += coalesce(row.traits, {})
