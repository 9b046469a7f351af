// load/remove_stale_facts: remove relationships of one type that earlier runs wrote last
// access: write
// A full run writes all its facts anew, so what carries another run is in no source any more.
// Repeat until nothing is removed.
// param runId: string — the :EtlRun that now wrote its facts
// param limit: integer — how many in one transaction
// identifier __TYPE__: type — a type that loading writes
// returns removed: integer — how many relationships were removed
MATCH ()-[fact:__TYPE__]->()
WHERE fact.runId <> $runId
WITH fact LIMIT $limit
DELETE fact
RETURN count(*) AS removed
