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
WITH collect({year: year, written: written}) AS years
MATCH (v:Review)-[h:HAS_TOPIC]->(t:Topic)
WHERE v.writtenAt IS NOT NULL AND ($topicId IS NULL OR t.topicId = $topicId)
WITH years, v.writtenAt.year AS year, t, sum(h.weight) AS weight, count(h) AS reviews
WITH year, t, weight, reviews, [each IN years WHERE each.year = year][0].written AS written
RETURN year,
       t.topicId AS topicId,
       t.label AS label,
       weight / written AS share,
       reviews
ORDER BY year, share DESC, topicId
