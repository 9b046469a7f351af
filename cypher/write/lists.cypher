// write/lists: new lists of some users, beside those that are read until write/show_lists
// access: write
// Nothing of an earlier list is touched: a query that compares `at` with the user's `listAt` reads
// the old one as long as this mark stands. Asked again, it leaves lists that have the mark alone.
// param rows: list<map> — user_id, and by place items (item_id), score, probability, rating, reasons, cold_start (lists)
// param runId: string — the :ModelRun that publishes
// param at: integer — when it publishes, epoch milliseconds; no earlier list may have the same
UNWIND $rows AS row
MATCH (u:User {userId: row.user_id})
WHERE NOT EXISTS { (u)-[:RECOMMENDED {at: datetime({epochMillis: $at})}]->(:Item) }
UNWIND range(0, size(row.items) - 1) AS n
MATCH (i:Item {itemId: row.items[n]})
CREATE (u)-[:RECOMMENDED {
  rank: n + 1,
  score: row.score[n],
  probability: row.probability[n],
  rating: row.rating[n],
  reasons: row.reasons[n],
  coldStart: row.cold_start[n],
  runId: $runId,
  at: datetime({epochMillis: $at})
}]->(i)
