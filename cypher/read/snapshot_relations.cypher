// read/snapshot_relations: where each node leads by one declared relation
// access: read
// identifier __TYPE__: relation — the relationship type
// identifier __START__: label — the kind of node where it starts
// identifier __START_KEY__: key — its key
// identifier __END__: label — the kind of node where it ends
// identifier __END_KEY__: key — its key
// returns startId: string — the key of the start
// returns endId: list<string> — the keys of the ends
MATCH (a:__START__)
RETURN a.__START_KEY__ AS startId, [(a)-[:__TYPE__]->(b:__END__) | b.__END_KEY__] AS endId
