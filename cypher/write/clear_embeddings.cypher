// write/clear_embeddings: remove the vectors that an earlier run left on nodes
// access: write
// Repeat until nothing is removed.
// param limit: integer — how many in one transaction
// identifier __LABEL__: label — User or Item
// returns removed: integer — how many nodes lost it
MATCH (n:__LABEL__)
WHERE n.embedding IS NOT NULL
WITH n LIMIT $limit
REMOVE n.embedding
RETURN count(*) AS removed
