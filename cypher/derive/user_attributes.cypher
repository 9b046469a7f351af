// derive/user_attributes: users INTERESTED_IN the attributes of the items they acted upon
// access: write
// support = items of the user that have it; sentiment = liked less disliked, -1 … 1
// weight = support / (support + 2) · ln(1 + items / itemCount) / ln(1 + items), 0 … 1
// User by user the old ones are replaced in one go, without a search for each.
// param rows: list<map> — key: userId
// param itemTotal: integer — items in the graph
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
  WITH i, avg(CASE WHEN coalesce(r.positive, true) THEN 1.0 ELSE -1.0 END) AS liking
  MATCH (i)-[:HAS_ATTRIBUTE]->(t:Attribute)
  RETURN t, count(i) AS support, avg(liking) AS sentiment
}
CREATE (u)-[:INTERESTED_IN {
  support: support,
  sentiment: sentiment,
  weight: support / (support + 2.0)
          * log(1 + 1.0 * $itemTotal / t.itemCount) / log(1.0 + $itemTotal),
  runId: $runId
}]->(t)
