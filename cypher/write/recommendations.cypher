// write/recommendations: replace the lists of some users, each whole
// access: write
// What a user had is deleted and the new list made in one transaction, so no list mixes runs.
// param rows: list<map> — user_id, items: list of item_id, rank, score, probability, reasons, coldStart, best first
// param runId: string — the :ModelRun that publishes
// param at: integer — when it publishes, epoch milliseconds
UNWIND $rows AS row
MATCH (u:User {userId: row.user_id})
CALL (u) {
  MATCH (u)-[old:RECOMMENDED]->(:Item)
  DELETE old
}
WITH u, row
UNWIND row.items AS best
MATCH (i:Item {itemId: best.item_id})
CREATE (u)-[:RECOMMENDED {
  rank: best.rank,
  score: best.score,
  probability: best.probability,
  reasons: best.reasons,
  coldStart: best.coldStart,
  runId: $runId,
  at: datetime({epochMillis: $at})
}]->(i)
