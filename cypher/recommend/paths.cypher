// recommend/paths: the strongest paths between a user and any item, recommended or not
// access: read
// What weighs: of aspects, topics and entities the interest times the description; of attributes the
// interest times half; of liked items and of people the cosine of who likes what. What people blame
// about the item, or the user about an entity, is no path. recommend/explain tells what each rests on.
// param userId: string — the user
// param itemId: string — the item
// param limit: integer — how many paths
// returns kind: string — item, aspect, topic, entity, attribute or user
// returns weight: float — how strong the path is, 0 … 1
// returns key: string — key of the thing between user and item
// returns reason: string — kind|weight|key, as on RECOMMENDED
:param userId => 'u-1';
:param itemId => 'i-1';
:param limit => 3;
MATCH (u:User {userId: $userId}), (i:Item {itemId: $itemId})
CALL (u, i) {
  MATCH (u)-[n:INTERESTED_IN]->(t:Aspect)<-[d:DESCRIBED_BY]-(i)
  WHERE coalesce(d.sentiment, 0.0) >= 0
  RETURN 'aspect' AS kind, t.aspectId AS key, n.weight * d.weight AS weight
UNION ALL
  MATCH (u)-[n:INTERESTED_IN]->(t:Topic)<-[d:DESCRIBED_BY]-(i)
  RETURN 'topic' AS kind, t.topicId AS key, n.weight * d.weight AS weight
UNION ALL
  MATCH (u)-[n:INTERESTED_IN]->(t:Entity)<-[d:DESCRIBED_BY]-(i)
  WHERE coalesce(n.sentiment, 0.0) >= 0
  RETURN 'entity' AS kind, t.entityId AS key, n.weight * d.weight AS weight
UNION ALL
  MATCH (u)-[n:INTERESTED_IN]->(t:Attribute)<-[:HAS_ATTRIBUTE]-(i)
  WHERE coalesce(n.sentiment, 0.0) > 0
  RETURN 'attribute' AS kind, t.attributeId AS key, 0.5 * n.weight AS weight
UNION ALL
  MATCH (u)-[did]->(j:Item)<-[one]-(v:User)-[other]->(i)
  WHERE v <> u AND j <> i AND type(did) <> 'RECOMMENDED' AND type(one) <> 'RECOMMENDED'
    AND type(other) <> 'RECOMMENDED' AND coalesce(did.positive, true)
    AND coalesce(one.positive, true) AND coalesce(other.positive, true)
  WITH i, j, count(DISTINCT v) AS together
  RETURN 'item' AS kind, j.itemId AS key,
         together / sqrt(1.0 * COUNT { (:User)-[d]->(j) WHERE type(d) <> 'RECOMMENDED' }
                         * COUNT { (:User)-[d]->(i) WHERE type(d) <> 'RECOMMENDED' }) AS weight
UNION ALL
  MATCH (u)-[one]->(j:Item)<-[did]-(v:User)-[other]->(i)
  WHERE v <> u AND j <> i AND type(did) <> 'RECOMMENDED' AND type(one) <> 'RECOMMENDED'
    AND type(other) <> 'RECOMMENDED' AND coalesce(did.positive, true)
    AND coalesce(one.positive, true) AND coalesce(other.positive, true)
  WITH u, v, count(DISTINCT j) AS together
  RETURN 'user' AS kind, v.userId AS key,
         together / sqrt(1.0 * COUNT { (u)-[d]->(:Item) WHERE type(d) <> 'RECOMMENDED' }
                         * COUNT { (v)-[d]->(:Item) WHERE type(d) <> 'RECOMMENDED' }) AS weight
}
WITH kind, key, weight
WHERE weight > 0
RETURN kind, weight, key, kind + '|' + toString(weight) + '|' + key AS reason
ORDER BY weight DESC, kind, key
LIMIT $limit
