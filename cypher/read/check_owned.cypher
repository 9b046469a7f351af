// read/check_owned: places that recommend what the user already has; must be empty
// access: read
// returns userId: string — the user
// returns itemId: string — the item
MATCH (u:User)-[r:RECOMMENDED]->(i:Item)
WHERE r.at = u.listAt AND EXISTS { MATCH (u)-[had]->(i) WHERE type(had) <> 'RECOMMENDED' }
RETURN u.userId AS userId, i.itemId AS itemId
