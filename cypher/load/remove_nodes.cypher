// load/remove_nodes: remove nodes with all that ties them
// access: write
// param rows: list<map> — key
// identifier __LABEL__: label — User, Review, Attribute, Entity, Aspect or Topic
// identifier __KEY__: key — its key
UNWIND $rows AS row
MATCH (n:__LABEL__ {__KEY__: row.key})
DETACH DELETE n
