// read/listed_users: everybody who has a published list
// access: read
// returns userId: string — the user's key
MATCH (u:User)
WHERE u.listAt IS NOT NULL
RETURN u.userId AS userId
