// read/snapshot_ends: what kinds of nodes a relationship type joins; no row where it is not in use
// access: read
// identifier __TYPE__: type — the relationship type
// returns start: list<string> — labels where it starts
// returns end: list<string> — labels where it ends
MATCH (a)-[:__TYPE__]->(b)
RETURN labels(a) AS start, labels(b) AS end
LIMIT 1
