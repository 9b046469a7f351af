// derive/item_topics: items DESCRIBED_BY the topics of their reviews
// access: write
// support = reviews of the item with the topic; weight = the topic's share of all the item's
// reviews, 0 … 1; sentiment = mean sentiment of those reviews, weighted by the topic's share
// Item by item the old ones are replaced in one go, attention kept: a walk over evidence and old
// ones together is linear, where MERGE would search all of a node's relationships for each.
// param rows: list<map> — key: itemId
// param runId: string — the :EtlRun that derives
UNWIND $rows AS row
MATCH (i:Item {itemId: row.key})
WITH i, COUNT { (i)<-[:ABOUT]-(:Review) } AS reviews
CALL (i) {
  MATCH (i)<-[:ABOUT]-(v:Review)-[h:HAS_TOPIC]->(t:Topic)
  RETURN t, 1 AS said, h.weight AS share, h.weight * v.sentiment AS felt,
         CASE WHEN v.sentiment IS NOT NULL THEN h.weight ELSE 0.0 END AS known,
         null AS attention, null AS back
UNION ALL
  MATCH (i)-[old:DESCRIBED_BY]->(t:Topic)
  RETURN t, 0 AS said, 0.0 AS share, 0.0 AS felt, 0.0 AS known,
         old.attention AS attention, old.attentionBack AS back
}
WITH i, reviews, t, sum(said) AS support, sum(share) AS share, sum(felt) AS felt,
     sum(known) AS known, max(attention) AS attention, max(back) AS back
WITH i, reviews, collect({t: t, support: support, share: share, felt: felt, known: known,
                          attention: attention, back: back}) AS facts
CALL (i) {
  MATCH (i)-[old:DESCRIBED_BY]->(:Topic)
  DELETE old
}
UNWIND facts AS fact
WITH i, reviews, fact, fact.t AS t
WHERE fact.support > 0
CREATE (i)-[:DESCRIBED_BY {
  support: fact.support,
  weight: fact.share / reviews,
  sentiment: CASE WHEN fact.known > 0 THEN fact.felt / fact.known END,
  attention: fact.attention,
  attentionBack: fact.back,
  runId: $runId
}]->(t)
