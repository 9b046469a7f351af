// write/attention_of_triples: attention on outside knowledge, by its head
// access: write
// Relationships of these heads that carried no message lose what an earlier run left on them.
// param rows: list<map> — start_id, ends: map of 'predicate|tail' to attention and attentionBack
UNWIND $rows AS row
MATCH (start:Entity {entityId: row.start_id})-[r:RELATES_TO]->(end:Entity)
WITH r, row.ends[r.predicate + '|' + end.entityId] AS found
SET r.attention = found.attention,
    r.attentionBack = found.attentionBack
