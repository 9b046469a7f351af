// read/snapshot_attributes: what each item has
// access: read
// returns itemId: string — the item's key
// returns attributeId: list<string> — of each attribute, its key
// returns kind: list<string> — its kind
MATCH (i:Item)
WITH i, [(i)-[:HAS_ATTRIBUTE]->(a:Attribute) | [a.attributeId, a.kind]] AS rows
RETURN i.itemId AS itemId,
       [row IN rows | row[0]] AS attributeId,
       [row IN rows | row[1]] AS kind
