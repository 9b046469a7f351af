// read/spoken_of: what some reviews mention or are about
// access: read
// param reviewIds: list<string> — the reviews
// identifier __LABEL__: label — Entity, Aspect or Topic
// identifier __KEY__: key — its key
// returns key: string — the thing
UNWIND $reviewIds AS reviewId
MATCH (:Review {reviewId: reviewId})-[:MENTIONS|HAS_TOPIC]->(t:__LABEL__)
RETURN DISTINCT t.__KEY__ AS key
