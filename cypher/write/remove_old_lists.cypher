// write/remove_old_lists: remove the lists of some users that are not read any more
// access: write
// param userIds: list<string> — the users
UNWIND $userIds AS userId
MATCH (u:User {userId: userId})-[old:RECOMMENDED]->()
WHERE old.at <> u.listAt
DELETE old
