// read/used_items: the items that some users did something with
// access: read
// param userIds: list<string> — the users
// returns itemId: string — an item
UNWIND $userIds AS userId
MATCH (:User {userId: userId})-[:!RECOMMENDED]->(i:Item)
RETURN DISTINCT i.itemId AS itemId
