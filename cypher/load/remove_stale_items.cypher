// load/remove_stale_items: remove items that this run did not write
// access: write
// Lists that held one close up in the same transaction, so that ranks stay 1, 2, … n.
// Repeat until nothing is removed.
// param runId: string — the :EtlRun that now wrote its facts
// param limit: integer — how many in one transaction
// returns removed: integer — how many items were removed
MATCH (n:Item)
WHERE n.runId <> $runId
WITH n LIMIT $limit
OPTIONAL MATCH (n)<-[:RECOMMENDED]-(u:User)
WITH collect(DISTINCT n) AS gone, collect(DISTINCT u) AS users
FOREACH (n IN gone | DETACH DELETE n)
WITH size(gone) AS removed, users
CALL (users) {
  UNWIND users AS u
  MATCH (u)-[r:RECOMMENDED]->(:Item)
  WITH u, r ORDER BY r.rank
  WITH u, collect(r) AS places
  UNWIND range(0, size(places) - 1) AS n
  WITH n, places[n] AS r
  SET r.rank = n + 1
  RETURN count(*) AS moved
}
RETURN removed
