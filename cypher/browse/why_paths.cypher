// browse/why_paths: why an item is on a user's list, as a picture
// access: read
// Paths over what the user did, wrote about and cares for; only things that the reasons name.
// For a liked item one path for each of five people; for a person, for each of five items.
// param userId: string — the user
// param itemId: string — the item
// returns path: path — user … item
:param userId => 'u-1';
:param itemId => 'i-1';
MATCH (u:User {userId: $userId})
WITH u, u.listAt AS at
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item {itemId: $itemId})
UNWIND r.reasons AS reason
WITH u, i, reason, split(reason, '|') AS parts
WITH u, i, parts[0] AS kind,
     substring(reason, size(parts[0]) + size(parts[1]) + 2) AS key
CALL (u, i, kind, key) {
  WITH u, i, kind, key WHERE kind = 'item'
  MATCH path = (u)-[did]->(j:Item {itemId: key})<-[one]-(v:User)-[other]->(i)
  WHERE v <> u AND type(did) <> 'RECOMMENDED' AND type(one) <> 'RECOMMENDED'
    AND type(other) <> 'RECOMMENDED' AND coalesce(did.positive, true)
    AND coalesce(one.positive, true) AND coalesce(other.positive, true)
  WITH v, collect(path)[0] AS path ORDER BY v.userId LIMIT 5
  RETURN path
UNION ALL
  WITH u, i, kind, key WHERE kind IN ['aspect', 'topic', 'entity', 'attribute']
  MATCH path = (u)-[:INTERESTED_IN]->(t)<-[:DESCRIBED_BY|HAS_ATTRIBUTE]-(i)
  WHERE key IN [t.aspectId, t.topicId, t.entityId, t.attributeId]
  RETURN path
UNION ALL
  WITH u, i, kind, key WHERE kind = 'user'
  MATCH path = (u)-[one]->(shared:Item)<-[other]-(v:User {userId: key})-[liked]->(i)
  WHERE v <> u AND shared <> i AND type(one) <> 'RECOMMENDED'
    AND type(other) <> 'RECOMMENDED' AND type(liked) <> 'RECOMMENDED'
    AND coalesce(one.positive, true)
    AND coalesce(other.positive, true) AND coalesce(liked.positive, true)
  WITH shared, collect(path)[0] AS path ORDER BY shared.itemId LIMIT 5
  RETURN path
}
RETURN path
