// read/keys: all business keys of one kind of node
// access: read
// identifier __LABEL__: label — the kind of node
// identifier __KEY__: key — its key
// returns key: string — the business key
MATCH (n:__LABEL__) RETURN n.__KEY__ AS key
