// write/remove_unpublished: remove similar items that an earlier run left and the present one did not replace
// access: write
// Repeat until nothing is removed.
// param runId: string — the :ModelRun that now published
// param limit: integer — how many items in one transaction
// returns removed: integer — how many relationships were removed
MATCH (i:Item)
WHERE EXISTS { MATCH (i)-[r:SIMILAR_TO]->() WHERE r.runId <> $runId }
WITH i LIMIT $limit
MATCH (i)-[old:SIMILAR_TO]->()
DELETE old
RETURN count(*) AS removed
