// read/snapshot_types: the relationship types that the graph knows, in use or not
// access: read
// returns type: string — a relationship type
CALL db.relationshipTypes() YIELD relationshipType
RETURN relationshipType AS type
