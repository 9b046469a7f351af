// read/export_relationships: relationships of one type between two labels, by their start
// access: read
// The form decides the speed: see read/snapshot_interactions.
// identifier __TYPE__: type — the relationship type
// identifier __START__: label — where they start
// identifier __START_KEY__: key — its key
// identifier __END__: label — where they end
// identifier __END_KEY__: key — its key
// returns startId: string — the start's key
// returns ends: list<list> — of each relationship, the end's key and all properties
MATCH (a:__START__)
RETURN a.__START_KEY__ AS startId,
       [(a)-[r:__TYPE__]->(b:__END__) | [b.__END_KEY__, properties(r)]] AS ends
