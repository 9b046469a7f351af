// read/snapshot_users: all users with the traits that a source declared
// access: read
// param known: list<string> — properties that are no traits
// returns userId: string — the user's key
// returns traits: list<list> — name and value, as text
MATCH (u:User)
RETURN u.userId AS userId,
       [name IN keys(u) WHERE NOT name IN $known | [name, toString(u[name])]] AS traits
