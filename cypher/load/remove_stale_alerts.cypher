// load/remove_stale_alerts: remove alerts whose aspect, topic, item or attribute is gone
// access: write
// Run it after the stale nodes are removed; `kgrec trends` judges the others anew.
// returns removed: integer — how many were removed
MATCH (a:Alert)
WHERE (a.scope <> 'catalogue' AND NOT EXISTS { (a)-[:RAISED_IN]->() })
   OR (a.thing IS NOT NULL AND NOT EXISTS { (a)-[:RAISED_ON]->() })
DETACH DELETE a
RETURN count(*) AS removed
