// write/alerts: alerts, each with what it is about, where, and the reviews that show it
// access: write
// An alert's key says all of what it is about, so its thing and place never change.
// param rows: list<map> — alert_id, aspect_id, topic_id, item_id, attribute_id (null where not), reviews (keys, strongest first), facts: the alert's own properties, starts_at, ends_at
// param runId: string — the :EtlRun whose facts they rest on, or null
UNWIND $rows AS row
MERGE (a:Alert {alertId: row.alert_id})
SET a = row.facts
SET a.alertId = row.alert_id,
    a.startsAt = datetime({epochMillis: row.starts_at}),
    a.endsAt = datetime({epochMillis: row.ends_at}),
    a.runId = $runId
WITH a, row
CALL (a, row) {
  MATCH (t:Aspect {aspectId: row.aspect_id})
  MERGE (a)-[:RAISED_ON]->(t)
}
CALL (a, row) {
  MATCH (t:Topic {topicId: row.topic_id})
  MERGE (a)-[:RAISED_ON]->(t)
}
CALL (a, row) {
  MATCH (p:Item {itemId: row.item_id})
  MERGE (a)-[:RAISED_IN]->(p)
}
CALL (a, row) {
  MATCH (p:Attribute {attributeId: row.attribute_id})
  MERGE (a)-[:RAISED_IN]->(p)
}
CALL (a) {
  MATCH (a)-[old:SHOWN_BY]->(:Review)
  DELETE old
}
UNWIND range(0, size(row.reviews) - 1) AS n
MATCH (v:Review {reviewId: row.reviews[n]})
CREATE (a)-[:SHOWN_BY {rank: n + 1}]->(v)
