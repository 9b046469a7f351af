// read/snapshot_review_topics: what each review is about
// access: read
// returns reviewId: string — the review's key
// returns topicId: list<string> — of each topic, its key
// returns weight: list<float> — its share of the text, 0 … 1
MATCH (v:Review)
WITH v, [(v)-[h:HAS_TOPIC]->(t:Topic) | [t.topicId, h.weight]] AS rows
RETURN v.reviewId AS reviewId,
       [row IN rows | row[0]] AS topicId,
       [row IN rows | row[1]] AS weight
