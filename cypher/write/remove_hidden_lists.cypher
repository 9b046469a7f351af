// write/remove_hidden_lists: remove all lists that no user's mark names, of whatever publication
// access: write
// Repeat until nothing is removed.
// param keep: string — the run whose lists stay nonetheless, or null
// param limit: integer — how many users in one transaction
// returns removed: integer — how many places were removed
MATCH (u:User)
WHERE EXISTS {
  MATCH (u)-[r:RECOMMENDED]->()
  WHERE (u.listAt IS NULL OR r.at IS NULL OR r.at <> u.listAt)
    AND ($keep IS NULL OR r.runId IS NULL OR r.runId <> $keep)
}
WITH u LIMIT $limit
MATCH (u)-[old:RECOMMENDED]->()
WHERE (u.listAt IS NULL OR old.at IS NULL OR old.at <> u.listAt)
  AND ($keep IS NULL OR old.runId IS NULL OR old.runId <> $keep)
DELETE old
RETURN count(*) AS removed
