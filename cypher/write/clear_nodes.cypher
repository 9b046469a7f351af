// write/clear_nodes: delete some nodes without relationships, but keep the record of migrations and who writes
// access: write
// param limit: integer — how many in one transaction
// returns deleted: integer — how many were deleted
MATCH (n)
WHERE NOT n:Migration AND NOT n:MigrationLock AND NOT n:Lease
WITH n LIMIT $limit
DELETE n
RETURN count(*) AS deleted
