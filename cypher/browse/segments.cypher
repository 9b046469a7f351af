// browse/segments: groups of people by what they care for, largest first, and what sets them apart
// access: read
// asked: which groups of people are there?
// asked: the segments of people
// asked: what kinds of people are there by their interests?
// `kgrec segments` makes them.
// param traits: integer — how many things of each
// returns segmentId: string — the segment
// returns name: string — the first three of its traits
// returns size: integer — people in it
// returns fit: float — mean cosine of its people to its centre
// returns stability: float — how far segments from other starts agree, at most 1
// returns traits: list<string> — what sets its people apart, surest first, with its lift
:param traits => 8;
MATCH (s:Segment)
WITH s, COLLECT {
  MATCH (s)-[k:KNOWN_FOR]->(t)
  RETURN coalesce(t.name, t.label) + ' ×' + toString(round(10 * k.lift) / 10)
  ORDER BY k.rank LIMIT $traits
} AS traits
CALL (s) {
  MATCH (s)<-[n:IN_SEGMENT]-(:User)
  RETURN avg(n.fit) AS fit
}
RETURN s.segmentId AS segmentId,
       s.name AS name,
       s.size AS size,
       fit,
       s.stability AS stability,
       traits
ORDER BY size DESC, segmentId
