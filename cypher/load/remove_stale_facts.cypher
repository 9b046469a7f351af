// load/remove_stale_facts: remove what earlier runs extracted from reviews and this run did not
// access: write
// Repeat until nothing is removed.
// param runId: string — the :EtlRun that now wrote its facts
// param limit: integer — how many in one transaction
// identifier __TYPE__: type — MENTIONS or HAS_TOPIC
// returns removed: integer — how many relationships were removed
MATCH (:Review)-[fact:__TYPE__]->()
WHERE fact.runId <> $runId
WITH fact LIMIT $limit
DELETE fact
RETURN count(*) AS removed
