// write/erase_alerts: remove the alerts whose bucket of time counted one of some reviews
// access: write
// Run it before the reviews go; `kgrec trends` judges anew.
// param reviewIds: list<string> — the reviews
// returns removed: integer — how many there were
UNWIND $reviewIds AS reviewId
MATCH (v:Review {reviewId: reviewId})-[:ABOUT]->(i:Item)
MATCH (a:Alert)
WHERE a.startsAt <= v.writtenAt AND v.writtenAt < a.endsAt
  AND (a.scope = 'catalogue'
       OR EXISTS { (a)-[:RAISED_IN]->(i) }
       OR EXISTS { (a)-[:RAISED_IN]->(:Attribute)<-[:HAS_ATTRIBUTE]-(i) })
  AND (a.thing IS NULL
       OR EXISTS { (a)-[:RAISED_ON]->()<-[:MENTIONS|HAS_TOPIC]-(v) })
WITH DISTINCT a
DETACH DELETE a
RETURN count(*) AS removed
