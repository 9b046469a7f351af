// browse/segment_picture: a segment among what it is known for and its people, as a picture
// access: read
// param segmentId: string — the segment; browse/segments lists them
// param limit: integer — how many people, and how many things
// returns path: path — segment, relationship, person or thing
:param segmentId => 'segment-1';
:param limit => 20;
MATCH (s:Segment {segmentId: $segmentId})
CALL (s) {
  MATCH path = (s)-[k:KNOWN_FOR]->()
  RETURN path ORDER BY k.rank LIMIT $limit
UNION ALL
  MATCH path = (s)<-[n:IN_SEGMENT]-(u:User)
  RETURN path ORDER BY n.fit DESC, u.userId LIMIT $limit
}
RETURN path
