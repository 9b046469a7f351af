// recommend/why: why an item is on a user's list: its reasons with the evidence that is there now
// access: read
// asked: why is {itemId} recommended to {userId}?
// asked: explain why {itemId} is on the list of {userId}
// asked: for which reasons should {userId} like {itemId}?
// asked: why does {userId} get {itemId}?
// A reason without evidence any more gives no row. browse/why_paths draws the same as a picture.
// param userId: string — the user
// param itemId: string — the item
// returns place: integer — 1 is the strongest reason
// returns kind: string — item, aspect, topic, entity, attribute, user or popular
// returns weight: float — how much the reason weighs
// returns key: string — key of the thing between user and item
// returns name: string — its name
// returns evidence: integer — distinct people, reviews or items that it rests on
// returns sentiment: float — how people speak of it (aspects, entities, topics)
// returns attention: float — the model's attention on the relationship that carried it
:param userId => 'u-1';
:param itemId => 'i-1';
MATCH (u:User {userId: $userId})
WITH u, u.listAt AS at
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item {itemId: $itemId})
UNWIND range(0, size(r.reasons) - 1) AS n
WITH u, i, n + 1 AS place, r.reasons[n] AS reason, split(r.reasons[n], '|') AS parts
WITH u, i, place, parts[0] AS kind, toFloat(parts[1]) AS weight,
     substring(reason, size(parts[0]) + size(parts[1]) + 2) AS key
CALL (u, i, kind, key) {
  WITH u, i, kind, key WHERE kind = 'item'
  MATCH (u)-[did:!RECOMMENDED]->(j:Item {itemId: key})
  WHERE coalesce(did.positive, true)
  WITH u, i, j, max(did.attention) AS attention
  WITH i, j, attention, COUNT {
    MATCH (j)<-[one:!RECOMMENDED]-(v:User)-[other:!RECOMMENDED]->(i)
    WHERE v <> u AND coalesce(one.positive, true) AND coalesce(other.positive, true)
    RETURN DISTINCT v
  } AS people
  WHERE people > 0 OR EXISTS { (j)-[:SIMILAR_TO]-(i) }
  RETURN coalesce(j.title, j.itemId) AS name, people AS evidence, null AS sentiment, attention
UNION ALL
  WITH u, i, kind, key WHERE kind = 'aspect'
  MATCH (u)-[:INTERESTED_IN]->(t:Aspect {aspectId: key})<-[d:DESCRIBED_BY]-(i)
  RETURN t.name AS name, d.support AS evidence, d.sentiment AS sentiment, d.attention AS attention
UNION ALL
  WITH u, i, kind, key WHERE kind = 'topic'
  MATCH (u)-[:INTERESTED_IN]->(t:Topic {topicId: key})<-[d:DESCRIBED_BY]-(i)
  RETURN t.label AS name, d.support AS evidence, d.sentiment AS sentiment, d.attention AS attention
UNION ALL
  WITH u, i, kind, key WHERE kind = 'entity'
  MATCH (u)-[:INTERESTED_IN]->(t:Entity {entityId: key})<-[d:DESCRIBED_BY]-(i)
  RETURN t.name AS name, d.support AS evidence, d.sentiment AS sentiment, d.attention AS attention
UNION ALL
  WITH u, i, kind, key WHERE kind = 'attribute'
  MATCH (u)-[n:INTERESTED_IN]->(t:Attribute {attributeId: key})<-[h:HAS_ATTRIBUTE]-(i)
  RETURN t.name + ' (' + toLower(t.kind) + ')' AS name, n.support AS evidence, n.sentiment AS sentiment,
         h.attention AS attention
UNION ALL
  WITH u, i, kind, key WHERE kind = 'user'
  MATCH (v:User {userId: key})-[liked:!RECOMMENDED]->(i)
  WHERE v <> u AND coalesce(liked.positive, true)
  WITH u, i, v, max(liked.attention) AS attention
  WITH v, attention, COUNT {
    MATCH (u)-[one:!RECOMMENDED]->(shared:Item)<-[other:!RECOMMENDED]-(v)
    WHERE shared <> i AND coalesce(one.positive, true) AND coalesce(other.positive, true)
    RETURN DISTINCT shared
  } AS together
  WHERE together > 0
  RETURN v.userId AS name, together AS evidence, null AS sentiment, attention
UNION ALL
  WITH u, i, kind, key WHERE kind = 'popular' AND i.itemId = key
  WITH i, COUNT {
    MATCH (v:User)-[liked:!RECOMMENDED]->(i)
    WHERE coalesce(liked.positive, true)
    RETURN DISTINCT v
  } AS people
  WHERE people > 0
  RETURN coalesce(i.title, i.itemId) AS name, people AS evidence, null AS sentiment,
         null AS attention
}
RETURN place, kind, weight, key, name, evidence, sentiment, attention
ORDER BY place
