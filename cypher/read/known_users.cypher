// read/known_users: which of some users there are
// access: read
// param userIds: list<string> — the users
// returns userId: string — one that there is
UNWIND $userIds AS userId
MATCH (u:User {userId: userId})
RETURN u.userId AS userId
