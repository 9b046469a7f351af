// derive/item_mentions: items DESCRIBED_BY the entities or aspects that their reviews mention
// access: write
// support = reviews of the item that mention it; sentiment = mean over those reviews
// weight = support / (support + 2) · ln(1 + items / itemCount) / ln(1 + items), 0 … 1: saturating
// term frequency (BM25's) times inverse document frequency over all items
// Item by item the old ones are replaced in one go, attention kept: a walk over evidence and old
// ones together is linear, where MERGE would search all of a node's relationships for each.
// param rows: list<map> — key: itemId
// param itemTotal: integer — items in the graph
// param runId: string — the :EtlRun that derives
// identifier __LABEL__: label — Entity or Aspect
UNWIND $rows AS row
MATCH (i:Item {itemId: row.key})
CALL (i) {
  MATCH (i)<-[:ABOUT]-(:Review)-[m:MENTIONS]->(t:__LABEL__)
  RETURN t, 1 AS said, m.sentiment AS sentiment, null AS attention, null AS back
UNION ALL
  MATCH (i)-[old:DESCRIBED_BY]->(t:__LABEL__)
  RETURN t, 0 AS said, null AS sentiment, old.attention AS attention, old.attentionBack AS back
}
WITH i, t, sum(said) AS support, avg(sentiment) AS sentiment,
     max(attention) AS attention, max(back) AS back
WITH i, collect({t: t, support: support, sentiment: sentiment,
                 attention: attention, back: back}) AS facts
CALL (i) {
  MATCH (i)-[old:DESCRIBED_BY]->(:__LABEL__)
  DELETE old
}
UNWIND facts AS fact
WITH i, fact, fact.t AS t, fact.support AS support
WHERE support > 0
CREATE (i)-[:DESCRIBED_BY {
  support: support,
  sentiment: fact.sentiment,
  weight: support / (support + 2.0)
          * log(1 + 1.0 * $itemTotal / t.itemCount) / log(1.0 + $itemTotal),
  attention: fact.attention,
  attentionBack: fact.back,
  runId: $runId
}]->(t)
