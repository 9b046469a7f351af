// derive/item_topics: items DESCRIBED_BY the topics of their reviews
// access: write
// support = reviews of the item with the topic; weight = the topic's share of all the item's
// reviews, 0 … 1; sentiment = mean sentiment of those reviews, weighted by the topic's share
// param rows: list<map> — key: itemId
// param runId: string — the :EtlRun that derives
UNWIND $rows AS row
MATCH (i:Item {itemId: row.key})
CALL (i) {
  WITH i, COUNT { (i)<-[:ABOUT]-(:Review) } AS reviews
  MATCH (i)<-[:ABOUT]-(v:Review)-[h:HAS_TOPIC]->(t:Topic)
  WITH i, t, reviews, count(h) AS support, sum(h.weight) AS share,
       sum(h.weight * v.sentiment) AS felt,
       sum(CASE WHEN v.sentiment IS NOT NULL THEN h.weight ELSE 0.0 END) AS known
  MERGE (i)-[d:DESCRIBED_BY]->(t)
  SET d.support = support,
      d.weight = share / reviews,
      d.sentiment = CASE WHEN known > 0 THEN felt / known END,
      d.runId = $runId
}
CALL (i) {
  MATCH (i)-[old:DESCRIBED_BY]->(:Topic)
  WHERE old.runId <> $runId
  DELETE old
}
