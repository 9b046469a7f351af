// browse/topics_over_time: how much of what is written is about each topic, and how it sounds, over time
// access: read
// asked: how much is written about {topicId} over time?
// asked: the trend of {topicId}
// asked: how do topics change over time?
// asked: do people write more about {topicId} than they used to?
// A bucket's figures are drawn towards those of the whole period, as if `prior` more reviews had
// been like all of them: (sum + prior · whole) / (count + prior). The moving mean takes `window`
// buckets before and after with it, review by review, so that empty buckets do no harm.
// param every: string — day, week (from Monday), month, quarter or year; buckets are in UTC
// param topicId: string — one topic, or null for all
// param attributeId: string — only reviews of items that have it ("this brand"), or null
// param itemId: string — only reviews of this item, or null
// param prior: float — how many reviews the whole period counts for in a smoothed figure
// param window: integer — buckets on each side that a moving mean takes in
// returns bucket: string — its first day
// returns topicId: string — the topic
// returns label: string — its first words
// returns reviews: integer — reviews of the bucket that are about it
// returns written: integer — reviews of the bucket that are about any topic
// returns share: float — of all that was written in the bucket, 0 … 1
// returns smoothShare: float — the share, drawn towards the whole period's
// returns movingShare: float — the share of the bucket and those around it
// returns sentiment: float — of its reviews, weighted by their share of the topic, -1 … 1
// returns smoothSentiment: float — the sentiment, drawn towards the whole period's
// returns movingSentiment: float — the sentiment of the bucket and those around it
:param every => 'year';
:param topicId => null;
:param attributeId => null;
:param itemId => null;
:param prior => 20.0;
:param window => 1;
CALL {
  MATCH (v:Review)
  WHERE $attributeId IS NULL AND $itemId IS NULL
  RETURN v
UNION ALL
  MATCH (:Attribute {attributeId: $attributeId})<-[:HAS_ATTRIBUTE]-(:Item)<-[:ABOUT]-(v:Review)
  WHERE $itemId IS NULL
  RETURN v
UNION ALL
  MATCH (:Item {itemId: $itemId})<-[:ABOUT]-(v:Review)
  RETURN v
}
WITH v
WHERE v.writtenAt IS NOT NULL AND EXISTS { (v)-[:HAS_TOPIC]->(:Topic) }
WITH date.truncate($every, v.writtenAt) AS day, collect(v) AS reviews
WITH collect({day: day, reviews: reviews}) AS days, sum(size(reviews)) AS total
CALL (days, total) {
  UNWIND days AS d
  UNWIND d.reviews AS v
  MATCH (v)-[h:HAS_TOPIC]->(t:Topic)
  WHERE $topicId IS NULL OR t.topicId = $topicId
  WITH total, t, d.day AS day, h.weight AS weight, v.sentiment AS sentiment,
       CASE WHEN v.sentiment IS NULL THEN 0.0 ELSE h.weight END AS known
  WITH total, t, day,
       count(*) AS reviews,
       sum(weight) AS weight,
       sum(known) AS known,
       sum(known * coalesce(sentiment, 0.0)) AS felt
  WITH total, t, sum(weight) AS weight,
       CASE WHEN sum(known) > 0 THEN sum(felt) / sum(known) ELSE 0.0 END AS sentiment,
       collect({day: day, reviews: reviews, weight: weight, known: known, felt: felt}) AS buckets
  RETURN collect({t: t, share: weight / total, sentiment: sentiment, buckets: buckets}) AS topics
}
CALL (days, topics) {
  UNWIND days AS d
  RETURN d.day AS day, size(d.reviews) AS written,
         null AS t, null AS whole, null AS wholly, null AS said
UNION ALL
  UNWIND topics AS one
  UNWIND one.buckets AS said
  RETURN said.day AS day, 0 AS written,
         one.t AS t, one.share AS whole, one.sentiment AS wholly, said
}
UNWIND range(-$window, $window) AS step
WITH t, whole, wholly, written, said, step = 0 AS own,
     day + CASE $every
       WHEN 'day' THEN duration({days: step})
       WHEN 'week' THEN duration({days: 7 * step})
       WHEN 'month' THEN duration({months: step})
       WHEN 'quarter' THEN duration({months: 3 * step})
       ELSE duration({months: 12 * step})
     END AS bucket
WITH bucket, t, whole, wholly,
     sum(CASE WHEN own THEN written ELSE 0 END) AS written,
     sum(written) AS around,
     collect(CASE WHEN own THEN said END) AS said,
     sum(coalesce(said.weight, 0.0)) AS weightAround,
     sum(coalesce(said.known, 0.0)) AS knownAround,
     sum(coalesce(said.felt, 0.0)) AS feltAround
WITH bucket, sum(written) AS written, sum(around) AS around,
     collect({t: t, whole: whole, wholly: wholly, b: said[0], weightAround: weightAround,
              knownAround: knownAround, feltAround: feltAround}) AS found
UNWIND found AS each
WITH bucket, written, around, each, each.t AS t, each.b AS b
WHERE b IS NOT NULL
RETURN toString(bucket) AS bucket,
       t.topicId AS topicId,
       t.label AS label,
       b.reviews AS reviews,
       written,
       b.weight / written AS share,
       (b.weight + $prior * each.whole) / (written + $prior) AS smoothShare,
       each.weightAround / around AS movingShare,
       CASE WHEN b.known > 0 THEN b.felt / b.known END AS sentiment,
       (b.felt + $prior * each.wholly) / (b.known + $prior) AS smoothSentiment,
       CASE WHEN each.knownAround > 0 THEN each.feltAround / each.knownAround END AS movingSentiment
ORDER BY bucket, share DESC, topicId
