// derive/mention_counts: how many items and reviews speak of each entity or aspect
// access: write
// param rows: list<map> — key
// identifier __LABEL__: label — Entity or Aspect
// identifier __KEY__: key — its key
UNWIND $rows AS row
MATCH (t:__LABEL__ {__KEY__: row.key})
CALL (t) {
  MATCH (t)<-[:MENTIONS]-(v:Review)-[:ABOUT]->(i:Item)
  RETURN count(DISTINCT i) AS items, count(DISTINCT v) AS reviews
}
SET t.itemCount = items, t.reviewCount = reviews
