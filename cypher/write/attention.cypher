// write/attention: attention on the relationships of one type, by their start
// access: write
// Relationships of these starts that carried no message lose what an earlier run left on them.
// param rows: list<map> — start_id, ends: map of an end's key to attention and attentionBack
// identifier __TYPE__: type — the relationship type
// identifier __START__: label — label of the start
// identifier __START_KEY__: key — its key
// identifier __END__: label — label of the end
// identifier __END_KEY__: key — its key
UNWIND $rows AS row
MATCH (start:__START__ {__START_KEY__: row.start_id})-[r:__TYPE__]->(end:__END__)
WITH r, row.ends[end.__END_KEY__] AS found
SET r.attention = found.attention,
    r.attentionBack = found.attentionBack
