// write/segment_people: put users into their segments, and out of those they were in
// access: write
// param rows: list<map> — user_id, segment_id (null: in none), fit
UNWIND $rows AS row
MATCH (u:User {userId: row.user_id})
CALL (u) {
  MATCH (u)-[old:IN_SEGMENT]->()
  DELETE old
}
WITH u, row
MATCH (s:Segment {segmentId: row.segment_id})
CREATE (u)-[:IN_SEGMENT {fit: row.fit}]->(s)
