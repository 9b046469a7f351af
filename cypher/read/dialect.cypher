// read/dialect: fails on servers that are too old for the Cypher of our queries
// access: read
// returns answer: integer — 1
UNWIND [1] AS one
CALL (one) {
  RETURN COLLECT { RETURN one } AS collected
}
RETURN collected[0] AS answer
