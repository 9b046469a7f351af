// read/newest_list: when the newest list was written, whether it is read or not
// access: read
// returns at: integer — epoch milliseconds, null where there is none
CALL {
  MATCH (u:User)
  RETURN max(u.listAt) AS at
UNION ALL
  MATCH (:User)-[r:RECOMMENDED]->(:Item)
  RETURN max(r.at) AS at
}
WITH max(at) AS at
RETURN at.epochMillis AS at
