// derive/user_mentions: users INTERESTED_IN the entities or aspects that their reviews mention
// access: write
// support = reviews of the user that mention it; sentiment = mean over those reviews
// weight = support / (support + 2) · ln(1 + items / itemCount) / ln(1 + items), 0 … 1: saturating
// term frequency (BM25's) times inverse document frequency over all items
// param rows: list<map> — key: userId
// param itemTotal: integer — items in the graph
// param runId: string — the :EtlRun that derives
// identifier __LABEL__: label — Entity or Aspect
UNWIND $rows AS row
MATCH (u:User {userId: row.key})
CALL (u) {
  MATCH (u)-[:WROTE]->(:Review)-[m:MENTIONS]->(t:__LABEL__)
  WITH u, t, count(m) AS support, avg(m.sentiment) AS sentiment
  MERGE (u)-[n:INTERESTED_IN]->(t)
  SET n.support = support,
      n.sentiment = sentiment,
      n.weight = support / (support + 2.0)
                 * log(1 + 1.0 * $itemTotal / t.itemCount) / log(1.0 + $itemTotal),
      n.runId = $runId
}
CALL (u) {
  MATCH (u)-[old:INTERESTED_IN]->(:__LABEL__)
  WHERE old.runId <> $runId
  DELETE old
}
