// derive/user_topics: users INTERESTED_IN the topics of their reviews
// access: write
// support = reviews of the user with the topic; weight = the topic's share of all the user's
// reviews, 0 … 1; sentiment = mean sentiment of those reviews, weighted by the topic's share
// param rows: list<map> — key: userId
// param runId: string — the :EtlRun that derives
UNWIND $rows AS row
MATCH (u:User {userId: row.key})
CALL (u) {
  WITH u, COUNT { (u)-[:WROTE]->(:Review) } AS reviews
  MATCH (u)-[:WROTE]->(v:Review)-[h:HAS_TOPIC]->(t:Topic)
  WITH u, t, reviews, count(h) AS support, sum(h.weight) AS share,
       sum(h.weight * v.sentiment) AS felt,
       sum(CASE WHEN v.sentiment IS NOT NULL THEN h.weight ELSE 0.0 END) AS known
  MERGE (u)-[n:INTERESTED_IN]->(t)
  SET n.support = support,
      n.weight = share / reviews,
      n.sentiment = CASE WHEN known > 0 THEN felt / known END,
      n.runId = $runId
}
CALL (u) {
  MATCH (u)-[old:INTERESTED_IN]->(:Topic)
  WHERE old.runId <> $runId
  DELETE old
}
