// derive/item_mentions: items DESCRIBED_BY the entities or aspects that their reviews mention
// access: write
// support = reviews of the item that mention it; sentiment = mean over those reviews
// weight = support / (support + 2) · ln(1 + items / itemCount) / ln(1 + items), 0 … 1: saturating
// term frequency (BM25's) times inverse document frequency over all items
// param rows: list<map> — key: itemId
// param itemTotal: integer — items in the graph
// param runId: string — the :EtlRun that derives
// identifier __LABEL__: label — Entity or Aspect
UNWIND $rows AS row
MATCH (i:Item {itemId: row.key})
CALL (i) {
  MATCH (i)<-[:ABOUT]-(:Review)-[m:MENTIONS]->(t:__LABEL__)
  WITH i, t, count(m) AS support, avg(m.sentiment) AS sentiment
  MERGE (i)-[d:DESCRIBED_BY]->(t)
  SET d.support = support,
      d.sentiment = sentiment,
      d.weight = support / (support + 2.0)
                 * log(1 + 1.0 * $itemTotal / t.itemCount) / log(1.0 + $itemTotal),
      d.runId = $runId
}
CALL (i) {
  MATCH (i)-[old:DESCRIBED_BY]->(:__LABEL__)
  WHERE old.runId <> $runId
  DELETE old
}
