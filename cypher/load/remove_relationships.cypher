// load/remove_relationships: remove relationships of one type by their ends
// access: write
// param rows: list<map> — start, end (keys), predicate (of outside knowledge, else null)
// identifier __TYPE__: type — a type that loading writes
// identifier __START__: label — where it starts
// identifier __START_KEY__: key — its key
// identifier __END__: label — where it ends
// identifier __END_KEY__: key — its key
UNWIND $rows AS row
MATCH (start:__START__ {__START_KEY__: row.start})-[fact:__TYPE__]->(end:__END__ {__END_KEY__: row.end})
WHERE row.predicate IS NULL OR fact.predicate = row.predicate
DELETE fact
