// write/show_lists: from now on readers of some users see the lists of one publication
// access: write
// param userIds: list<string> — the users
// param at: integer — when those lists were written, epoch milliseconds
// returns replaced: integer — how many of the users had another list until now
UNWIND $userIds AS userId
MATCH (u:User {userId: userId})
WITH u, u.listAt IS NOT NULL AS had
SET u.listAt = datetime({epochMillis: $at})
RETURN sum(CASE WHEN had THEN 1 ELSE 0 END) AS replaced
