// read/example_things: what to show an item with: an aspect, a topic and an attribute of it, and other things
// access: read
// param itemId: string — the item
// param userId: string — who is shown with it
// returns aspectId: string — an aspect that people praise, of the strongest
// returns topicId: string — its strongest topic
// returns attributeId: string — the attribute that most items have
// returns kind: string — that attribute's kind
// returns liked: list<string> — two items that the user likes
// returns segmentId: string — the user's segment
// returns alertId: string — the surest alert
MATCH (i:Item {itemId: $itemId}), (u:User {userId: $userId})
WITH COLLECT {
       MATCH (i)-[d:DESCRIBED_BY]->(a:Aspect)
       RETURN a.aspectId ORDER BY coalesce(d.sentiment, 0.0) > 0 DESC, d.weight DESC, a.aspectId LIMIT 1
     } AS aspects,
     COLLECT {
       MATCH (i)-[d:DESCRIBED_BY]->(t:Topic) RETURN t.topicId ORDER BY d.weight DESC, t.topicId LIMIT 1
     } AS topics,
     COLLECT {
       MATCH (i)-[:HAS_ATTRIBUTE]->(a:Attribute)
       RETURN [a.attributeId, a.kind] ORDER BY coalesce(a.itemCount, 0) DESC, a.attributeId LIMIT 1
     } AS attributes,
     COLLECT {
       MATCH (u)-[r:!RECOMMENDED]->(j:Item) WHERE coalesce(r.positive, true)
       RETURN DISTINCT j.itemId ORDER BY j.itemId LIMIT 2
     } AS liked,
     COLLECT {
       MATCH (u)-[:IN_SEGMENT]->(s:Segment) RETURN s.segmentId ORDER BY s.segmentId LIMIT 1
     } AS segments,
     COLLECT {
       MATCH (a:Alert) RETURN a.alertId ORDER BY a.qValue, a.alertId LIMIT 1
     } AS alerts
RETURN aspects[0] AS aspectId,
       topics[0] AS topicId,
       attributes[0][0] AS attributeId,
       attributes[0][1] AS kind,
       liked,
       segments[0] AS segmentId,
       alerts[0] AS alertId
