// write/text_vectors: what is written about items, as vectors to search by
// access: write
// param rows: list<map> — item_id, vector
UNWIND $rows AS row
MATCH (i:Item {itemId: row.item_id})
SET i.textVector = row.vector
