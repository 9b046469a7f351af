// read/relationship_counts: how many relationships there are of each type
// access: read
// returns type: string — the relationship type
// returns count: integer — how many
MATCH ()-[r]->()
RETURN type(r) AS type, count(r) AS count
ORDER BY type
