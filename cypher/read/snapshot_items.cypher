// read/snapshot_items: all items with their texts
// access: read
// returns itemId: string — the item's key
// returns title: string — name for people
// returns description: string — text of the catalogue
// returns releasedAt: integer — date of release, epoch milliseconds
MATCH (i:Item)
RETURN i.itemId AS itemId, i.title AS title, i.description AS description,
       i.releasedAt.epochMillis AS releasedAt
