// read/check_items: what of each item can bear out a reason
// access: read
// returns itemId: string — the item
// returns things: list<string> — 'kind|key' of what the item is DESCRIBED_BY or has
// returns similar: list<string> — items that are SIMILAR_TO it, or it to them
MATCH (i:Item)
RETURN i.itemId AS itemId,
       [(i)-[:DESCRIBED_BY|HAS_ATTRIBUTE]->(t)
        | CASE WHEN t:Aspect THEN 'aspect|' + t.aspectId
               WHEN t:Topic THEN 'topic|' + t.topicId
               WHEN t:Entity THEN 'entity|' + t.entityId
               ELSE 'attribute|' + t.attributeId END] AS things,
       [(i)-[:SIMILAR_TO]-(j:Item) | j.itemId] AS similar
