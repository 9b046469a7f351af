// derive/user_mentions: users INTERESTED_IN the entities or aspects that their reviews mention
// access: write
// support = reviews of the user that mention it; sentiment = mean over those reviews
// weight = support / (support + 2) · ln(1 + items / itemCount) / ln(1 + items), 0 … 1: saturating
// term frequency (BM25's) times inverse document frequency over all items
// User by user the old ones are replaced in one go, attention kept: a walk over evidence and old
// ones together is linear, where MERGE would search all of a node's relationships for each.
// param rows: list<map> — key: userId
// param itemTotal: integer — items in the graph
// param runId: string — the :EtlRun that derives
// identifier __LABEL__: label — Entity or Aspect
UNWIND $rows AS row
MATCH (u:User {userId: row.key})
CALL (u) {
  MATCH (u)-[:WROTE]->(:Review)-[m:MENTIONS]->(t:__LABEL__)
  RETURN t, 1 AS said, m.sentiment AS sentiment, null AS attention, null AS back
UNION ALL
  MATCH (u)-[old:INTERESTED_IN]->(t:__LABEL__)
  RETURN t, 0 AS said, null AS sentiment, old.attention AS attention, old.attentionBack AS back
}
WITH u, t, sum(said) AS support, avg(sentiment) AS sentiment,
     max(attention) AS attention, max(back) AS back
WITH u, collect({t: t, support: support, sentiment: sentiment,
                 attention: attention, back: back}) AS facts
CALL (u) {
  MATCH (u)-[old:INTERESTED_IN]->(:__LABEL__)
  DELETE old
}
UNWIND facts AS fact
WITH u, fact, fact.t AS t, fact.support AS support
WHERE support > 0
CREATE (u)-[:INTERESTED_IN {
  support: support,
  sentiment: fact.sentiment,
  weight: support / (support + 2.0)
          * log(1 + 1.0 * $itemTotal / t.itemCount) / log(1.0 + $itemTotal),
  attention: fact.attention,
  attentionBack: fact.back,
  runId: $runId
}]->(t)
