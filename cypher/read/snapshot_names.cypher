// read/snapshot_names: names for people of all nodes of one kind
// access: read
// identifier __LABEL__: label — the kind of node
// identifier __KEY__: key — its key
// returns id: string — the key
// returns name: string — the name, or the label of a topic
MATCH (n:__LABEL__)
RETURN n.__KEY__ AS id, coalesce(n.name, n.label) AS name
