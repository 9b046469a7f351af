// write/erase_users: remove users with all that hangs on them: deeds, interests, lists, relations
// access: write
// Their reviews go before, by write/erase_reviews.
// param userIds: list<string> — the users
// returns removed: integer — how many there were
// returns relationships: integer — how many relationships went with them
UNWIND $userIds AS userId
MATCH (u:User {userId: userId})
WITH u, COUNT { (u)--() } AS degree
DETACH DELETE u
RETURN count(*) AS removed, coalesce(sum(degree), 0) AS relationships
