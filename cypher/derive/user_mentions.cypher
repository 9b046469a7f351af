// derive/user_mentions: users INTERESTED_IN the entities or aspects that their reviews mention
// access: write
// support = reviews of the user that mention it; sentiment = mean over those reviews; firstAt and
// lastAt = when the first and the last of them were written
// s = support, or with a half-life the sum over those reviews of ½ ^ (age / half-life), where age
// is measured against the newest evidence of the graph, and a review without a time counts ½
// weight = s / (s + 2) · ln(1 + items / itemCount) / ln(1 + items), 0 … 1: saturating term
// frequency (BM25's) times inverse document frequency over all items
// User by user the old ones are replaced in one go, attention kept: a walk over evidence and old
// ones together is linear, where MERGE would search all of a node's relationships for each.
// param rows: list<map> — key: userId
// param itemTotal: integer — items in the graph
// param newestAt: integer — time of the newest evidence, epoch milliseconds
// param halfLifeDays: float — after how many days evidence counts half, or null
// param runId: string — the :EtlRun that derives
// identifier __LABEL__: label — Entity or Aspect
UNWIND $rows AS row
MATCH (u:User {userId: row.key})
CALL (u) {
  MATCH (u)-[:WROTE]->(v:Review)-[m:MENTIONS]->(t:__LABEL__)
  RETURN t, 1 AS said, m.sentiment AS sentiment, v.writtenAt AS at,
         CASE WHEN $halfLifeDays IS NULL THEN 1.0 ELSE coalesce(0.5 ^ (
           ($newestAt - v.writtenAt.epochMillis) / ($halfLifeDays * 86400000.0)), 0.5) END AS counts,
         null AS attention, null AS back
UNION ALL
  MATCH (u)-[old:INTERESTED_IN]->(t:__LABEL__)
  RETURN t, 0 AS said, null AS sentiment, null AS at, 0.0 AS counts,
         old.attention AS attention, old.attentionBack AS back
}
WITH u, t, sum(said) AS support, avg(sentiment) AS sentiment, sum(counts) AS s,
     min(at) AS firstAt, max(at) AS lastAt, max(attention) AS attention, max(back) AS back
WITH u, collect({t: t, support: support, sentiment: sentiment, s: s, firstAt: firstAt,
                 lastAt: lastAt, attention: attention, back: back}) AS facts
CALL (u) {
  MATCH (u)-[old:INTERESTED_IN]->(:__LABEL__)
  DELETE old
}
UNWIND facts AS fact
WITH u, fact, fact.t AS t, fact.s AS s
WHERE fact.support > 0
CREATE (u)-[:INTERESTED_IN {
  support: fact.support,
  sentiment: fact.sentiment,
  firstAt: fact.firstAt,
  lastAt: fact.lastAt,
  weight: s / (s + 2.0)
          * log(1 + 1.0 * $itemTotal / t.itemCount) / log(1.0 + $itemTotal),
  attention: fact.attention,
  attentionBack: fact.back,
  runId: $runId
}]->(t)
