// read/export_nodes: nodes of one label with all that they hold
// access: read
// identifier __LABEL__: label — the label
// identifier __KEY__: key — its key
// returns key: string — the business key
// returns labels: list<string> — all labels of the node
// returns properties: map — all properties of the node
MATCH (n:__LABEL__)
RETURN n.__KEY__ AS key, labels(n) AS labels, properties(n) AS properties
