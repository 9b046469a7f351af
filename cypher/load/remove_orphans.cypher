// load/remove_orphans: remove what earlier runs extracted and no review mentions any more
// access: write
// What outside knowledge brought carries a source and stays. Repeat until nothing is removed.
// param runId: string — the :EtlRun that now wrote its facts
// param limit: integer — how many in one transaction
// identifier __LABEL__: label — Entity, Aspect or Topic
// returns removed: integer — how many nodes were removed
MATCH (n:__LABEL__)
WHERE n.runId <> $runId
  AND n.source IS NULL
  AND NOT EXISTS { (:Review)-[:MENTIONS|HAS_TOPIC]->(n) }
WITH n LIMIT $limit
DETACH DELETE n
RETURN count(*) AS removed
