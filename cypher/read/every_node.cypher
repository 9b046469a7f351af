// read/every_node: all that any node holds
// access: read
// returns labels: list<string> — its labels
// returns properties: map — its properties
MATCH (n)
RETURN labels(n) AS labels, properties(n) AS properties
