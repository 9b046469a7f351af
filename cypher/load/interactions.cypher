// load/interactions: what users did to items, one behaviour
// access: write
// One row holds all of a user's items: the user's relationships are walked once, not once per
// item, which makes a second load several times faster than MERGE for each pair.
// param rows: list<map> — user_id, ends: map of item_id to its properties and at (epoch ms)
// param runId: string — the :EtlRun that writes
// identifier __BEHAVIOUR__: behaviour — the relationship type
UNWIND $rows AS row
MATCH (u:User {userId: row.user_id})
CALL (u, row) {
  MATCH (u)-[r:__BEHAVIOUR__]->(i:Item)
  WITH r, i.itemId AS itemId, row.ends[i.itemId] AS new
  WHERE new IS NOT NULL
  SET r += new,
      r.at = CASE WHEN new.at IS NOT NULL THEN datetime({epochMillis: new.at}) END,
      r.runId = $runId
  RETURN collect(itemId) AS known
}
UNWIND [itemId IN keys(row.ends) WHERE NOT itemId IN known] AS itemId
MATCH (i:Item {itemId: itemId})
WITH u, i, row.ends[itemId] AS new
CREATE (u)-[r:__BEHAVIOUR__]->(i)
SET r += new,
    r.at = CASE WHEN new.at IS NOT NULL THEN datetime({epochMillis: new.at}) END,
    r.runId = $runId
