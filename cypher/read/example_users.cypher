// read/example_users: users to show a graph with: with a list and reviews, who did neither little nor much
// access: read
// param among: integer — how many users to choose from, in the order of their keys
// param deeds: integer — how much they should have done, about
// param limit: integer — how many
// returns userId: string — the user
// returns deeds: integer — what they did with items
// returns reviews: integer — what they wrote
// returns listed: boolean — whether a list is published for them
:param among => 5000;
:param deeds => 25;
:param limit => 2;
MATCH (u:User)
WITH u ORDER BY u.userId LIMIT $among
WITH u,
     COUNT { (u)-[:!RECOMMENDED]->(:Item) } AS deeds,
     COUNT { (u)-[:WROTE]->(:Review) } AS reviews,
     EXISTS { (u)-[:RECOMMENDED]->(:Item) } AS listed
WHERE listed OR deeds > 0
RETURN u.userId AS userId, deeds, reviews, listed
ORDER BY listed DESC, reviews > 0 DESC, abs(deeds - $deeds), userId
LIMIT $limit
