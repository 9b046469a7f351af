// load/remove_items: remove items
// access: write
// Lists that held one close up in the same transaction, so that ranks stay 1, 2, … n.
// param rows: list<map> — key: itemId
// returns moved: integer — places of the lists that closed up
UNWIND $rows AS row
MATCH (n:Item {itemId: row.key})
OPTIONAL MATCH (n)<-[:RECOMMENDED]-(u:User)
WITH collect(DISTINCT n) AS gone, collect(DISTINCT u) AS users
FOREACH (n IN gone | DETACH DELETE n)
WITH users
CALL (users) {
  UNWIND users AS u
  MATCH (u)-[r:RECOMMENDED]->(:Item)
  WITH u, r ORDER BY r.rank
  WITH u, r.at AS at, collect(r) AS places
  UNWIND range(0, size(places) - 1) AS n
  WITH n, places[n] AS r
  SET r.rank = n + 1
  RETURN count(*) AS moved
}
RETURN moved
