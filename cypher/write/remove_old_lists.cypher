// write/remove_old_lists: remove the lists of some users that are not read any more
// access: write
// param userIds: list<string> — the users
// param keep: string — the run whose lists stay beside those that are read, or null
UNWIND $userIds AS userId
MATCH (u:User {userId: userId})-[old:RECOMMENDED]->()
WHERE old.at <> u.listAt AND ($keep IS NULL OR old.runId <> $keep)
DELETE old
