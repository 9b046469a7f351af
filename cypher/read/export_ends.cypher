// read/export_ends: which labels a relationship type joins, and how often
// access: read
// identifier __TYPE__: type — the relationship type
// returns start: list<string> — labels where it starts
// returns end: list<string> — labels where it ends
// returns count: integer — how many relationships
MATCH (a)-[r:__TYPE__]->(b)
RETURN labels(a) AS start, labels(b) AS end, count(r) AS count
