// read/snapshot_links: which entity an item or attribute is
// access: read
// identifier __LABEL__: label — Item or Attribute
// identifier __KEY__: key — its key
// returns id: string — the key of the item or attribute
// returns entityId: list<string> — the keys of its entities
MATCH (n:__LABEL__)
RETURN n.__KEY__ AS id, [(n)-[:SAME_AS]->(e:Entity) | e.entityId] AS entityId
