// load/remove_empty_segments: remove segments whose people are all gone
// access: write
// Run it after the stale nodes are removed; `kgrec segments` groups the others anew.
// returns removed: integer — how many were removed
MATCH (s:Segment)
WHERE NOT EXISTS { (s)<-[:IN_SEGMENT]-(:User) }
DETACH DELETE s
RETURN count(*) AS removed
