// browse/topics_over_time: how much of each year's reviews is about each topic
// access: read
// param topicId: string — one topic, or null for all
// returns year: integer — the year
// returns topicId: string — the topic
// returns label: string — its first words
// returns share: float — of all that was written in that year, 0 … 1
// returns reviews: integer — reviews of that year that are about it
:param topicId => null;
MATCH (v:Review)
WHERE v.writtenAt IS NOT NULL AND EXISTS { (v)-[:HAS_TOPIC]->(:Topic) }
WITH v.writtenAt.year AS year, count(v) AS written
MATCH (v:Review)-[h:HAS_TOPIC]->(t:Topic)
WHERE v.writtenAt.year = year AND ($topicId IS NULL OR t.topicId = $topicId)
WITH year, written, t, sum(h.weight) AS weight, count(h) AS reviews
RETURN year,
       t.topicId AS topicId,
       t.label AS label,
       weight / written AS share,
       reviews
ORDER BY year, share DESC, topicId
