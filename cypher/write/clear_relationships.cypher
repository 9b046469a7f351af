// write/clear_relationships: delete some relationships
// access: write
// param limit: integer — how many in one transaction
// returns deleted: integer — how many were deleted
MATCH ()-[r]->()
WITH r LIMIT $limit
DELETE r
RETURN count(*) AS deleted
