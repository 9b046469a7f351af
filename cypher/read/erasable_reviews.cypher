// read/erasable_reviews: the reviews of some users, and some reviews by their keys
// access: read
// param userIds: list<string> — users, all of whose reviews are meant
// param reviewIds: list<string> — further reviews
// returns reviewId: string — the review
// returns userId: string — who wrote it
// returns itemId: string — what it is about
// returns title: string — its headline
// returns text: string — its text
CALL {
  UNWIND $userIds AS userId
  MATCH (:User {userId: userId})-[:WROTE]->(v:Review)
  RETURN v
UNION
  UNWIND $reviewIds AS reviewId
  MATCH (v:Review {reviewId: reviewId})
  RETURN v
}
MATCH (u:User)-[:WROTE]->(v)-[:ABOUT]->(i:Item)
RETURN v.reviewId AS reviewId, u.userId AS userId, i.itemId AS itemId, v.title AS title, v.text AS text
