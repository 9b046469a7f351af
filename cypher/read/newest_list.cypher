// read/newest_list: when the newest list was written
// access: read
// returns at: integer — epoch milliseconds, null where there is none
MATCH (u:User)
WITH max(u.listAt) AS at
RETURN at.epochMillis AS at
