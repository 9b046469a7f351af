// read/newest_evidence: when the latest review was written or the latest thing done
// access: read
// returns at: integer — epoch milliseconds; null where nothing has a time
CALL {
  MATCH (v:Review)
  RETURN max(v.writtenAt.epochMillis) AS at
UNION ALL
  MATCH (:User)-[r:!RECOMMENDED]->(:Item)
  RETURN max(r.at.epochMillis) AS at
}
RETURN max(at) AS at
