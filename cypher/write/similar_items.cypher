// write/similar_items: replace what some items are similar to
// access: write
// param rows: list<map> — item_id, items: list of item_id, rank and score, nearest first
// param runId: string — the :ModelRun that publishes
UNWIND $rows AS row
MATCH (i:Item {itemId: row.item_id})
CALL (i) {
  MATCH (i)-[old:SIMILAR_TO]->(:Item)
  DELETE old
}
WITH i, row
UNWIND row.items AS near
MATCH (other:Item {itemId: near.item_id})
CREATE (i)-[:SIMILAR_TO {rank: near.rank, score: near.score, runId: $runId}]->(other)
