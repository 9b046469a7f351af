// write/hide_lists: users whom the present publication does not name have no list any more
// access: write
// Only the mark goes; write/remove_lists removes what nobody reads then. Repeat until none is left.
// param at: integer — when the present lists were written, epoch milliseconds
// param limit: integer — how many users in one transaction
// returns removed: integer — how many users lost the mark
MATCH (u:User)
WHERE u.listAt <> datetime({epochMillis: $at})
WITH u LIMIT $limit
REMOVE u.listAt
RETURN count(*) AS removed
