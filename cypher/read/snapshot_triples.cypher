// read/snapshot_triples: outside knowledge, by head
// access: read
// returns head: string — the entity's key
// returns triples: list<list> — predicate, key of the tail
MATCH (e:Entity)
RETURN e.entityId AS head,
       [(e)-[r:RELATES_TO]->(t:Entity) | [r.predicate, t.entityId]] AS triples
