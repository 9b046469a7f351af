// load/item_attributes: which item has which attribute
// access: write
// param rows: list<map> — item_id, attribute_id, source
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MATCH (i:Item {itemId: row.item_id})
MATCH (a:Attribute {attributeId: row.attribute_id})
MERGE (i)-[h:HAS_ATTRIBUTE]->(a)
SET h.source = row.source,
    h.runId = $runId
