// load/items: items of the catalogue
// access: write
// A field that this load does not know stays as an earlier one wrote it.
// param rows: list<map> — item_id, title, description, price, released_at (epoch ms), properties (map), source, seen_in (source of one that no table of items declares)
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (i:Item {itemId: row.item_id})
SET i += coalesce(row.properties, {}),
    i.title = coalesce(row.title, i.title),
    i.description = coalesce(row.description, i.description),
    i.price = coalesce(row.price, i.price),
    i.releasedAt = CASE WHEN row.released_at IS NULL THEN i.releasedAt
                        ELSE datetime({epochMillis: row.released_at}) END,
    i.source = coalesce(row.source, i.source, row.seen_in),
    i.runId = $runId
