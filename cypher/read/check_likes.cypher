// read/check_likes: what each user likes; an item comes once for each deed
// access: read
// returns userId: string — the user
// returns liked: list<string> — the items
MATCH (u:User)
RETURN u.userId AS userId,
       [(u)-[did:!RECOMMENDED]->(i:Item) WHERE coalesce(did.positive, true) | i.itemId] AS liked
