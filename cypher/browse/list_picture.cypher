// browse/list_picture: a user's list with what links it to the user's interests, as a picture
// access: read
// param userId: string — the user
// param limit: integer — how many places of the list
// param links: integer — how many interests for each place, strongest first
// returns path: path — user, relationship, item; or user, interest, item
:param userId => 'u-1';
:param limit => 10;
:param links => 2;
MATCH (u:User {userId: $userId})
WITH u, u.listAt AS at
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item)
WHERE r.rank <= $limit
WITH u, i, at
CALL (u, i, at) {
  MATCH path = (u)-[:RECOMMENDED {at: at}]->(i)
  RETURN path
UNION ALL
  MATCH path = (u)-[n:INTERESTED_IN]->()<-[d:DESCRIBED_BY|HAS_ATTRIBUTE]-(i)
  WITH path, n.weight * coalesce(d.weight, 1.0) AS strength
  ORDER BY strength DESC LIMIT $links
  RETURN path
}
RETURN path
