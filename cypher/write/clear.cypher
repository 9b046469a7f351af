// write/clear: delete some nodes and their relationships, but keep the record of migrations
// access: write
// param limit: integer — how many nodes in one transaction
// returns deleted: integer — how many were deleted
MATCH (n)
WHERE NOT n:Migration AND NOT n:MigrationLock
WITH n LIMIT $limit
DETACH DELETE n
RETURN count(*) AS deleted
