// browse/user_picture: a user among what they did and what they care about, as a picture
// access: read
// param userId: string — the user
// param limit: integer — how many relationships
// returns path: path — user, relationship, thing
:param userId => 'u-1';
:param limit => 60;
MATCH path = (u:User {userId: $userId})-[r]->(thing)
WHERE type(r) <> 'RECOMMENDED' AND NOT thing:Review
RETURN path
ORDER BY coalesce(r.weight, 1.0) DESC
LIMIT $limit
