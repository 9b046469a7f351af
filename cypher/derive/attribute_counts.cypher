// derive/attribute_counts: how many items have each attribute
// access: write
// param rows: list<map> — key
UNWIND $rows AS row
MATCH (a:Attribute {attributeId: row.key})
SET a.itemCount = COUNT { (a)<-[:HAS_ATTRIBUTE]-(:Item) }
