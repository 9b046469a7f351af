// derive/item_counts: how many people did something with each item, and how many of them like it
// access: write
// param rows: list<map> — key: itemId
UNWIND $rows AS row
MATCH (i:Item {itemId: row.key})
CALL (i) {
  MATCH (i)<-[did]-(u:User)
  WHERE NOT did:RECOMMENDED
  RETURN count(DISTINCT u) AS people,
         count(DISTINCT CASE WHEN coalesce(did.positive, true) THEN u END) AS liking
}
SET i.userCount = people, i.likedCount = liking
