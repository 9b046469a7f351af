// write/segments: segments, each with the things that its people are known for
// access: write
// param rows: list<map> — segment_id, name, size, traits (label, key, rank, people, share, lift, low; surest first)
// param method: string — name/version of the grouping
// param stability: float — how far segments from other starts agree
// param runId: string — the :EtlRun whose interests they rest on, or null
UNWIND $rows AS row
MERGE (s:Segment {segmentId: row.segment_id})
SET s.name = row.name,
    s.size = row.size,
    s.method = $method,
    s.stability = $stability,
    s.runId = $runId
WITH s, row
CALL (s) {
  MATCH (s)-[old:KNOWN_FOR]->()
  DELETE old
}
UNWIND row.traits AS trait
CALL (trait) {
  MATCH (t:Aspect {aspectId: trait.key}) WHERE trait.label = 'Aspect' RETURN t
UNION ALL
  MATCH (t:Topic {topicId: trait.key}) WHERE trait.label = 'Topic' RETURN t
UNION ALL
  MATCH (t:Entity {entityId: trait.key}) WHERE trait.label = 'Entity' RETURN t
UNION ALL
  MATCH (t:Attribute {attributeId: trait.key}) WHERE trait.label = 'Attribute' RETURN t
}
CREATE (s)-[:KNOWN_FOR {rank: trait.rank, people: trait.people, share: trait.share,
                        lift: trait.lift, low: trait.low}]->(t)
