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
WITH collect(v) AS dated
UNWIND dated AS v
UNWIND range(-$window, $window) AS step
WITH size(dated) AS total, v, step = 0 AS own,
     date.truncate($every, v.writtenAt) + CASE $every
       WHEN 'day' THEN duration({days: step})
       WHEN 'week' THEN duration({days: 7 * step})
       WHEN 'month' THEN duration({months: step})
       WHEN 'quarter' THEN duration({months: 3 * step})
       ELSE duration({months: 12 * step})
     END AS bucket
WITH total, bucket, collect({v: v, own: own}) AS near,
     sum(CASE WHEN own THEN 1 ELSE 0 END) AS written
WHERE written > 0
UNWIND near AS each
WITH total, bucket, written, size(near) AS around, each.own AS own, each.v AS v
MATCH (v)-[h:HAS_TOPIC]->(t:Topic)
WHERE $topicId IS NULL OR t.topicId = $topicId
WITH total, bucket, written, around, t, own, h.weight AS weight, v.sentiment AS sentiment,
     CASE WHEN v.sentiment IS NULL THEN 0.0 ELSE h.weight END AS known
WITH total, bucket, written, around, t,
     sum(CASE WHEN own THEN 1 ELSE 0 END) AS reviews,
     sum(CASE WHEN own THEN weight ELSE 0.0 END) AS weight,
     sum(CASE WHEN own THEN known ELSE 0.0 END) AS known,
     sum(CASE WHEN own THEN known * coalesce(sentiment, 0.0) ELSE 0.0 END) AS felt,
     sum(weight) AS weightAround,
     sum(known) AS knownAround,
     sum(known * coalesce(sentiment, 0.0)) AS feltAround
WITH t, total,
     sum(weight) / total AS share,
     CASE WHEN sum(known) > 0 THEN sum(felt) / sum(known) ELSE 0.0 END AS sentiment,
     collect({bucket: bucket, written: written, around: around, reviews: reviews, weight: weight,
              known: known, felt: felt, weightAround: weightAround, knownAround: knownAround,
              feltAround: feltAround}) AS buckets
UNWIND buckets AS b
WITH t, share, sentiment, b
WHERE b.reviews > 0
RETURN toString(b.bucket) AS bucket,
       t.topicId AS topicId,
       t.label AS label,
       b.reviews AS reviews,
       b.written AS written,
       b.weight / b.written AS share,
       (b.weight + $prior * share) / (b.written + $prior) AS smoothShare,
       b.weightAround / b.around AS movingShare,
       CASE WHEN b.known > 0 THEN b.felt / b.known END AS sentiment,
       (b.felt + $prior * sentiment) / (b.known + $prior) AS smoothSentiment,
       CASE WHEN b.knownAround > 0 THEN b.feltAround / b.knownAround END AS movingSentiment
ORDER BY bucket, share DESC, topicId
