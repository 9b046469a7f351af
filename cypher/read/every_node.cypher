// read/every_node: all texts that any node holds, and all its lists
// access: read
// returns labels: list<string> — its labels
// returns texts: list<list> — name and value of each
// returns properties: integer — how many properties it has, whatever they hold
MATCH (n)
RETURN labels(n) AS labels,
       [name IN keys(n) WHERE coalesce(toStringOrNull(n[name]) = n[name], true)  // null of a list
        | [name, n[name]]] AS texts,
       size(keys(n)) AS properties
