// derive/counts: how many people, items and reviews stand behind each node of one kind
// access: write
// param rows: list<map> — key, counts: map of property to number
// identifier __LABEL__: label — User, Item, Entity, Aspect, Topic or Attribute
// identifier __KEY__: key — its key
UNWIND $rows AS row
MATCH (n:__LABEL__ {__KEY__: row.key})
SET n += row.counts
