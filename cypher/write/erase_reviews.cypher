// write/erase_reviews: remove reviews with all that hangs on them
// access: write
// param reviewIds: list<string> — the reviews
// returns removed: integer — how many there were
UNWIND $reviewIds AS reviewId
MATCH (v:Review {reviewId: reviewId})
DETACH DELETE v
RETURN count(*) AS removed
