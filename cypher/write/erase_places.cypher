// write/erase_places: take places off published lists, which close up in the same transaction
// access: write
// param rows: list<map> — user_id, item_ids
// returns lists: integer — how many lists closed up
UNWIND $rows AS row
MATCH (u:User {userId: row.user_id})
CALL (u, row) {
  MATCH (u)-[r:RECOMMENDED]->(i:Item)
  WHERE i.itemId IN row.item_ids
  DELETE r
}
WITH u
CALL (u) {
  MATCH (u)-[r:RECOMMENDED]->(:Item)
  WITH r ORDER BY r.rank
  WITH r.at AS at, collect(r) AS places
  UNWIND range(0, size(places) - 1) AS n
  WITH n, places[n] AS r
  SET r.rank = n + 1
  RETURN count(*) AS moved
}
RETURN count(*) AS lists
