// write/clear_attention: remove the attention that an earlier run left on relationships
// access: write
// Repeat until nothing is removed.
// param limit: integer — how many in one transaction
// returns removed: integer — how many relationships lost it
MATCH ()-[r]->()
WHERE r.attention IS NOT NULL
WITH r LIMIT $limit
REMOVE r.attention, r.attentionBack
RETURN count(*) AS removed
