// derive/user_attributes: users INTERESTED_IN the attributes of the items they acted upon
// access: write
// support = items of the user that have it; sentiment = liked less disliked, -1 … 1; firstAt and
// lastAt = when the user first and last did something with one of them
// s = support, or with a half-life the sum over those items of ½ ^ (age / half-life), where age is
// that of the latest deed, measured against the newest evidence of the graph, and an item without
// a time counts ½
// weight = s / (s + 2) · ln(1 + items / itemCount) / ln(1 + items), 0 … 1
// User by user the old ones are replaced in one go, without a search for each.
// param rows: list<map> — key: userId
// param itemTotal: integer — items in the graph
// param newestAt: integer — time of the newest evidence, epoch milliseconds
// param halfLifeDays: float — after how many days evidence counts half, or null
// param runId: string — the :EtlRun that derives
UNWIND $rows AS row
MATCH (u:User {userId: row.key})
CALL (u) {
  MATCH (u)-[old:INTERESTED_IN]->(:Attribute)
  DELETE old
}
CALL (u) {
  MATCH (u)-[r]->(i:Item)
  WHERE type(r) <> 'RECOMMENDED'
  WITH i, avg(CASE WHEN coalesce(r.positive, true) THEN 1.0 ELSE -1.0 END) AS liking,
       min(r.at) AS began, max(r.at) AS ended
  WITH i, liking, began, ended,
       CASE WHEN $halfLifeDays IS NULL THEN 1.0 ELSE coalesce(0.5 ^ (
         ($newestAt - ended.epochMillis) / ($halfLifeDays * 86400000.0)), 0.5) END AS counts
  MATCH (i)-[:HAS_ATTRIBUTE]->(t:Attribute)
  RETURN t, count(i) AS support, avg(liking) AS sentiment, sum(counts) AS s,
         min(began) AS firstAt, max(ended) AS lastAt
}
CREATE (u)-[:INTERESTED_IN {
  support: support,
  sentiment: sentiment,
  firstAt: firstAt,
  lastAt: lastAt,
  weight: s / (s + 2.0)
          * log(1 + 1.0 * $itemTotal / t.itemCount) / log(1.0 + $itemTotal),
  runId: $runId
}]->(t)
