// write/remove_unpublished: remove what earlier runs published and the present one did not replace
// access: write
// Repeat until nothing is removed. A user's list is removed whole: users are limited, not items.
// param runId: string — the :ModelRun that now published
// param limit: integer — how many users or items in one transaction
// identifier __LABEL__: label — User for RECOMMENDED, Item for SIMILAR_TO
// identifier __TYPE__: type — RECOMMENDED or SIMILAR_TO
// returns removed: integer — how many relationships were removed
MATCH (start:__LABEL__)
WHERE EXISTS { MATCH (start)-[r:__TYPE__]->() WHERE r.runId <> $runId }
WITH start LIMIT $limit
MATCH (start)-[old:__TYPE__]->()
DELETE old
RETURN count(*) AS removed
