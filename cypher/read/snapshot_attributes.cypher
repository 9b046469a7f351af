// read/snapshot_attributes: what each item has
// access: read
// returns itemId: string — the item's key
// returns attributes: list<list> — attributeId, kind
MATCH (i:Item)
RETURN i.itemId AS itemId,
       [(i)-[:HAS_ATTRIBUTE]->(a:Attribute) | [a.attributeId, a.kind]] AS attributes
