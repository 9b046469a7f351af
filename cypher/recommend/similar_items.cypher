// recommend/similar_items: items near an item in the model's space
// access: read
// asked: what is similar to {itemId}?
// asked: items like {itemId}
// asked: what else is there for those who like {itemId}?
// asked: find alternatives to {itemId}
// param itemId: string — the item
// param limit: integer — how many
// returns itemId: string — the similar item
// returns title: string — its name
// returns score: float — cosine of the two vectors
// returns shared: list<string> — attributes that both have
:param itemId => 'i-1';
:param limit => 10;
MATCH (i:Item {itemId: $itemId})
WITH i, COLLECT {
  MATCH (i)-[:HAS_ATTRIBUTE]->(a:Attribute) RETURN a.attributeId
} AS own
MATCH (i)-[s:SIMILAR_TO]->(other:Item)
WITH own, other, s.score AS score
ORDER BY score DESC, other.itemId
LIMIT $limit
RETURN other.itemId AS itemId,
       coalesce(other.title, other.itemId) AS title,
       score,
       COLLECT {
         MATCH (other)-[:HAS_ATTRIBUTE]->(a:Attribute)
         WHERE a.attributeId IN own
         RETURN a.name ORDER BY a.name
       } AS shared
ORDER BY score DESC, itemId
