// recommend/paths: the strongest paths between a user and any item, recommended or not
// access: read
// What weighs: of aspects, topics and entities the interest times the description; of attributes the
// interest times half; of liked items and of people the cosine of who likes what. What people blame
// about the item, or the user about an entity, is no path. recommend/explain tells what each rests on.
// Of what the user likes only `likes` items are looked at, those that about as many people like as
// the item, since a cosine is at most the root of the smaller number over the larger; a person's
// cosine is over these. How many like an item is counted when facts are loaded.
// param userId: string — the user
// param itemId: string — the item
// param likes: integer — how many of the user's likes to look at
// param limit: integer — how many paths
// returns kind: string — item, aspect, topic, entity, attribute or user
// returns weight: float — how strong the path is, 0 … 1
// returns key: string — key of the thing between user and item
// returns reason: string — kind|weight|key, as on RECOMMENDED
:param userId => 'u-1';
:param itemId => 'i-1';
:param likes => 15;
:param limit => 3;
MATCH (u:User {userId: $userId}), (i:Item {itemId: $itemId})
CALL (u, i) {
  CALL (u, i) {
    MATCH (u)-[n:INTERESTED_IN]->(t)
    RETURN t, n, null AS d
  UNION ALL
    MATCH (i)-[d:DESCRIBED_BY|HAS_ATTRIBUTE]->(t)
    RETURN t, null AS n, d
  }
  WITH t, collect(n)[0] AS n, collect(d)[0] AS d,
       CASE WHEN t:Aspect THEN 'aspect' WHEN t:Topic THEN 'topic'
            WHEN t:Attribute THEN 'attribute' ELSE 'entity' END AS kind
  WHERE n IS NOT NULL AND d IS NOT NULL
    AND (kind <> 'aspect' OR coalesce(d.sentiment, 0.0) >= 0)
    AND (kind <> 'entity' OR coalesce(n.sentiment, 0.0) >= 0)
    AND (kind <> 'attribute' OR coalesce(n.sentiment, 0.0) > 0)
  RETURN kind, coalesce(t.aspectId, t.topicId, t.attributeId, t.entityId) AS key,
         n.weight * CASE WHEN kind = 'attribute' THEN 0.5 ELSE d.weight END AS weight
UNION ALL
  MATCH (u)-[did:!(RECOMMENDED|INTERESTED_IN|WROTE)]->(j:Item)
  WHERE j <> i AND coalesce(did.positive, true) AND i.likedCount > 0 AND j.likedCount > 0
  WITH DISTINCT u, i, j, 1.0 * j.likedCount / i.likedCount AS times
  ORDER BY CASE WHEN times > 1 THEN 1 / times ELSE times END DESC, j.itemId LIMIT $likes
  WITH u, i, collect(j) AS liked
  UNWIND [i] + liked AS one
  MATCH (one)<-[did:!(RECOMMENDED|ABOUT|SIMILAR_TO)]-(v:User)
  WHERE v <> u AND coalesce(did.positive, true)
  WITH i, size(liked) AS likes, v, collect(DISTINCT one) AS both
  WHERE i IN both AND size(both) > 1
  WITH i, likes, collect({v: v, shared: [j IN both WHERE j <> i]}) AS people
  CALL (i, likes, people) {
    UNWIND people AS each
    UNWIND each.shared AS j
    WITH i, j, count(*) AS together
    RETURN 'item' AS kind, j.itemId AS key,
           together / sqrt(1.0 * i.likedCount * j.likedCount) AS weight
  UNION ALL
    UNWIND people AS each
    WITH likes, each WHERE each.v.likedCount > 0
    RETURN 'user' AS kind, each.v.userId AS key,
           size(each.shared) / sqrt(1.0 * likes * each.v.likedCount) AS weight
  }
  RETURN kind, key, weight
}
WITH kind, key, weight
WHERE weight > 0
RETURN kind, weight, key, kind + '|' + toString(weight) + '|' + key AS reason
ORDER BY weight DESC, kind, key
LIMIT $limit
