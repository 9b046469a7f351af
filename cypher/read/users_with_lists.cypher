// read/users_with_lists: some users who have a published list and did something, by key
// access: read
// param limit: integer — how many
// returns userId: string — the user
// returns liked: list<map> — some items that the user liked: item (its key) and title
:param limit => 3;
MATCH (u:User)
WHERE u.listAt IS NOT NULL AND EXISTS { (u)-[:RECOMMENDED]->(:Item) }
WITH u ORDER BY u.userId LIMIT $limit
CALL {
  WITH u
  MATCH (u)-[did]->(i:Item)
  WHERE type(did) <> 'RECOMMENDED' AND coalesce(did.positive, true)
  WITH DISTINCT i ORDER BY i.itemId LIMIT 5
  RETURN collect({item: i.itemId, title: coalesce(i.title, i.itemId)}) AS liked
}
RETURN u.userId AS userId, liked
ORDER BY userId
