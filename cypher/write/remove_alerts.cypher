// write/remove_alerts: remove the alerts of some scopes that no longer hold
// access: write
// Repeat until nothing is removed.
// param every: string — the size of their buckets
// param scopes: list<string> — the scopes that were searched
// param kept: list<string> — keys of the alerts that hold
// param limit: integer — how many in one transaction
// returns removed: integer — how many were removed
MATCH (a:Alert {every: $every})
WHERE a.scope IN $scopes AND NOT a.alertId IN $kept
WITH a LIMIT $limit
DETACH DELETE a
RETURN count(*) AS removed
