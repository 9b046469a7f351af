// browse/segment_people: the people of a segment, those who fit it best first
// access: read
// param segmentId: string — the segment; browse/segments lists them
// param limit: integer — how many
// returns userId: string — the user
// returns fit: float — cosine to the segment's centre
// returns interests: list<string> — what the segment is known for and the user cares for most
:param segmentId => 'segment-1';
:param limit => 25;
MATCH (s:Segment {segmentId: $segmentId})<-[n:IN_SEGMENT]-(u:User)
WITH s, u, n.fit AS fit
ORDER BY fit DESC, u.userId
LIMIT $limit
RETURN u.userId AS userId,
       fit,
       COLLECT {
         MATCH (s)-[:KNOWN_FOR]->(t)<-[i:INTERESTED_IN]-(u)
         RETURN coalesce(t.name, t.label) AS name ORDER BY i.weight DESC, name LIMIT 5
       } AS interests
ORDER BY fit DESC, userId
