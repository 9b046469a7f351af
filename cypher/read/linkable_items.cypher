// read/linkable_items: all items with what links them to outside knowledge
// access: read
// returns key: string — the item's key
// returns title: string — name for people
// returns year: integer — year of release
// returns properties: map — all properties of the item
MATCH (i:Item)
RETURN i.itemId AS key, i.title AS title, i.releasedAt.year AS year, properties(i) AS properties
