// read/snapshot_users: all users
// access: read
// returns userId: string — the user's key
MATCH (u:User)
RETURN u.userId AS userId
