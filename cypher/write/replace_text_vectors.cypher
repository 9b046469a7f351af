// write/replace_text_vectors: other vectors for items that are searched by one
// access: write
// param rows: list<map> — item_id, vector (null: it goes)
// returns items: integer — how many had one
UNWIND $rows AS row
MATCH (i:Item {itemId: row.item_id})
WHERE i.textVector IS NOT NULL
SET i.textVector = row.vector
RETURN count(*) AS items
