// read/every_relationship: all that any relationship holds
// access: read
// returns type: string — its type
// returns properties: map — its properties
MATCH ()-[r]->()
RETURN type(r) AS type, properties(r) AS properties
