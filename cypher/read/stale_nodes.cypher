// read/stale_nodes: nodes that a run did not write and that no review mentions
// access: read
// A full load writes all its nodes anew, so what carries another run is in no source any more.
// param runId: string — the :EtlRun that now wrote its facts
// identifier __LABEL__: label — one that loading writes
// identifier __KEY__: key — its key
// returns key: string — the node's key
MATCH (n:__LABEL__)
WHERE n.runId <> $runId
  AND NOT EXISTS { (:Review)-[:MENTIONS|HAS_TOPIC]->(n) }
RETURN n.__KEY__ AS key
