// read/example_item: an item to show a user with: of their list where there is one, else one they met
// access: read
// param userId: string — the user
// returns itemId: string — the item
// returns title: string — its name
// returns rank: integer — its place on the list
// returns reviews: integer — reviews of it
MATCH (u:User {userId: $userId})-[r]->(i:Item)
WITH i, min(r.rank) AS rank, max(size(r.reasons)) AS reasons
WITH i, rank, reasons, COUNT { (i)<-[:ABOUT]-(:Review) } AS reviews
RETURN i.itemId AS itemId, coalesce(i.title, i.itemId) AS title, rank, reviews
ORDER BY rank IS NULL, reviews = 0, coalesce(reasons, 0) DESC, rank, itemId
LIMIT 1
