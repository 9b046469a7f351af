// load/remove_stale_nodes: remove nodes that this run did not write and no review mentions
// access: write
// Repeat until nothing is removed. Run it after load/remove_stale_facts.
// param runId: string — the :EtlRun that now wrote its facts
// param limit: integer — how many in one transaction
// identifier __LABEL__: label — User, Review, Attribute, Entity, Aspect or Topic
// returns removed: integer — how many nodes were removed
MATCH (n:__LABEL__)
WHERE n.runId <> $runId
  AND NOT EXISTS { (:Review)-[:MENTIONS|HAS_TOPIC]->(n) }
WITH n LIMIT $limit
DETACH DELETE n
RETURN count(*) AS removed
