// read/every_relationship: all texts that any relationship holds, and all its lists
// access: read
// returns type: string — its type
// returns texts: list<list> — name and value of each
// returns properties: integer — how many properties it has, whatever they hold
MATCH ()-[r]->()
RETURN type(r) AS type,
       [name IN keys(r) WHERE coalesce(toStringOrNull(r[name]) = r[name], true)  // null of a list
        | [name, r[name]]] AS texts,
       size(keys(r)) AS properties
