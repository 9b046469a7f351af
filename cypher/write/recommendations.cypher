// write/recommendations: replace the lists of some users, each whole
// access: write
// One transaction removes what is no longer on a list, changes what still is and makes the rest,
// so no list mixes runs; to change a place is several times faster than to delete and make it.
// param rows: list<map> — user_id, places: map of item_id to rank, and by rank score, probability, rating, reasons, cold_start (lists)
// param runId: string — the :ModelRun that publishes
// param at: integer — when it publishes, epoch milliseconds
UNWIND $rows AS row
MATCH (u:User {userId: row.user_id})
CALL (u, row) {
  MATCH (u)-[old:RECOMMENDED]->(i:Item)
  WITH row, old, i.itemId AS itemId, row.places[i.itemId] AS rank
  FOREACH (gone IN CASE WHEN rank IS NULL THEN [old] ELSE [] END | DELETE gone)
  FOREACH (kept IN CASE WHEN rank IS NULL THEN [] ELSE [old] END | SET kept = {
    rank: rank,
    score: row.score[rank - 1],
    probability: row.probability[rank - 1],
    rating: row.rating[rank - 1],
    reasons: row.reasons[rank - 1],
    coldStart: row.cold_start[rank - 1],
    runId: $runId,
    at: datetime({epochMillis: $at})
  })
  RETURN collect(itemId) AS known
}
UNWIND [itemId IN keys(row.places) WHERE NOT itemId IN known] AS itemId
MATCH (i:Item {itemId: itemId})
WITH u, i, row, row.places[itemId] AS rank
CREATE (u)-[:RECOMMENDED {
  rank: rank,
  score: row.score[rank - 1],
  probability: row.probability[rank - 1],
  rating: row.rating[rank - 1],
  reasons: row.reasons[rank - 1],
  coldStart: row.cold_start[rank - 1],
  runId: $runId,
  at: datetime({epochMillis: $at})
}]->(i)
