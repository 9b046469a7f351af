// write/remove_segments: remove the segments that no longer are
// access: write
// param kept: list<string> — keys of those that are
// returns removed: integer — how many were removed
MATCH (s:Segment)
WHERE NOT s.segmentId IN $kept
DETACH DELETE s
RETURN count(*) AS removed
