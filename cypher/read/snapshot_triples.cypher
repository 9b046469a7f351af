// read/snapshot_triples: outside knowledge, by head
// access: read
// returns head: string — the entity's key
// returns predicate: list<string> — of each triple, the predicate
// returns tail: list<string> — the other entity's key
MATCH (e:Entity)
WITH e, [(e)-[r:RELATES_TO]->(t:Entity) | [r.predicate, t.entityId]] AS rows
RETURN e.entityId AS head,
       [row IN rows | row[0]] AS predicate,
       [row IN rows | row[1]] AS tail
