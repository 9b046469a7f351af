// derive/user_counts: how many items each user did something with, and how many of them they like
// access: write
// param rows: list<map> — key: userId
UNWIND $rows AS row
MATCH (u:User {userId: row.key})
CALL (u) {
  MATCH (u)-[did]->(i:Item)
  WHERE NOT did:RECOMMENDED
  RETURN count(DISTINCT i) AS items,
         count(DISTINCT CASE WHEN coalesce(did.positive, true) THEN i END) AS liked
}
SET u.itemCount = items, u.likedCount = liked
