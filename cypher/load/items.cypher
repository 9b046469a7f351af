// load/items: items of the catalogue
// access: write
// An item has what this load says and nothing of earlier ones; vectors and counts stay.
// param rows: list<map> — item_id, title, description, price, released_at (epoch ms), properties (map), source, seen_in (source of one that no table of items declares)
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (i:Item {itemId: row.item_id})
SET i = {
      itemId: row.item_id,
      title: row.title,
      description: row.description,
      price: row.price,
      releasedAt: CASE WHEN row.released_at IS NOT NULL
                       THEN datetime({epochMillis: row.released_at}) END,
      source: coalesce(row.source, row.seen_in),
      userCount: i.userCount,
      likedCount: i.likedCount,
      embedding: i.embedding,
      textVector: i.textVector,
      runId: $runId
    },
    i += coalesce(row.properties, {})
