// write/remove_hidden_lists: remove all lists that no user's mark names, of whatever publication
// access: write
// Repeat until nothing is removed.
// param limit: integer — how many users in one transaction
// returns removed: integer — how many places were removed
MATCH (u:User)
WHERE EXISTS { MATCH (u)-[r:RECOMMENDED]->() WHERE u.listAt IS NULL OR r.at IS NULL OR r.at <> u.listAt }
WITH u LIMIT $limit
MATCH (u)-[old:RECOMMENDED]->()
WHERE u.listAt IS NULL OR old.at IS NULL OR old.at <> u.listAt
DELETE old
RETURN count(*) AS removed
