// derive/user_topics: users INTERESTED_IN the topics of their reviews
// access: write
// support = reviews of the user with the topic; weight = the topic's share of all the user's
// reviews, 0 … 1; sentiment = mean sentiment of those reviews, weighted by the topic's share;
// firstAt and lastAt = when the first and the last of them were written
// With a half-life each review counts ½ ^ (age / half-life) in the share, where age is measured
// against the newest evidence of the graph, and a review without a time counts ½.
// User by user the old ones are replaced in one go, attention kept: a walk over evidence and old
// ones together is linear, where MERGE would search all of a node's relationships for each.
// param rows: list<map> — key: userId
// param newestAt: integer — time of the newest evidence, epoch milliseconds
// param halfLifeDays: float — after how many days evidence counts half, or null
// param runId: string — the :EtlRun that derives
UNWIND $rows AS row
MATCH (u:User {userId: row.key})
OPTIONAL MATCH (u)-[:WROTE]->(v:Review)
WITH u, v, CASE WHEN $halfLifeDays IS NULL THEN 1.0 ELSE coalesce(0.5 ^ (
       ($newestAt - v.writtenAt.epochMillis) / ($halfLifeDays * 86400000.0)), 0.5) END AS counts
WITH u, collect({review: v, counts: counts}) AS written, sum(counts) AS reviews
CALL (u, written) {
  UNWIND written AS one
  WITH one.review AS v, one.counts AS counts
  MATCH (v)-[h:HAS_TOPIC]->(t:Topic)
  RETURN t, 1 AS said, counts * h.weight AS share, h.weight * v.sentiment AS felt,
         v.writtenAt AS at,
         CASE WHEN v.sentiment IS NOT NULL THEN h.weight ELSE 0.0 END AS known,
         null AS attention, null AS back
UNION ALL
  MATCH (u)-[old:INTERESTED_IN]->(t:Topic)
  RETURN t, 0 AS said, 0.0 AS share, 0.0 AS felt, null AS at, 0.0 AS known,
         old.attention AS attention, old.attentionBack AS back
}
WITH u, reviews, t, sum(said) AS support, sum(share) AS share, sum(felt) AS felt,
     sum(known) AS known, min(at) AS firstAt, max(at) AS lastAt,
     max(attention) AS attention, max(back) AS back
WITH u, reviews, collect({t: t, support: support, share: share, felt: felt, known: known,
                          firstAt: firstAt, lastAt: lastAt,
                          attention: attention, back: back}) AS facts
CALL (u) {
  MATCH (u)-[old:INTERESTED_IN]->(:Topic)
  DELETE old
}
UNWIND facts AS fact
WITH u, reviews, fact, fact.t AS t
WHERE fact.support > 0
CREATE (u)-[:INTERESTED_IN {
  support: fact.support,
  weight: fact.share / reviews,
  sentiment: CASE WHEN fact.known > 0 THEN fact.felt / fact.known END,
  firstAt: fact.firstAt,
  lastAt: fact.lastAt,
  attention: fact.attention,
  attentionBack: fact.back,
  runId: $runId
}]->(t)
