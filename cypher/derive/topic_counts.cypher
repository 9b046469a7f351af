// derive/topic_counts: how many items and reviews are about each topic
// access: write
// param rows: list<map> — key
UNWIND $rows AS row
MATCH (t:Topic {topicId: row.key})
CALL (t) {
  MATCH (t)<-[:HAS_TOPIC]-(v:Review)-[:ABOUT]->(i:Item)
  RETURN count(DISTINCT i) AS items, count(DISTINCT v) AS reviews
}
SET t.itemCount = items, t.reviewCount = reviews
