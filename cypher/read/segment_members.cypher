// read/segment_members: which segment each user is in
// access: read
// returns userId: string — the user
// returns segmentId: string — the segment
// returns stability: float — as the grouping found it
MATCH (u:User)-[:IN_SEGMENT]->(s:Segment)
RETURN u.userId AS userId, s.segmentId AS segmentId, s.stability AS stability
