// browse/aspects_over_time: how many speak of each aspect, and how well, over time
// access: read
// asked: how do people speak of {aspectId} over time?
// asked: is {aspectId} mentioned more often than before?
// asked: the trend of opinions about {aspectId}
// asked: which aspects are talked about over time?
// asked: how did opinions on {aspectId} change from year to year?
// asked: is {aspectId} praised more than it used to be?
// A bucket's figures are drawn towards those of the whole period, as if `prior` more reviews had
// been like all of them: (sum + prior · whole) / (count + prior). The moving mean takes `window`
// buckets before and after with it, review by review, so that empty buckets do no harm.
// param every: string — day, week (from Monday), month, quarter or year; buckets are in UTC
// param aspectId: string — one aspect, or null for those most spoken of
// param attributeId: string — only reviews of items that have it ("this brand"), or null
// param itemId: string — only reviews of this item, or null
// param prior: float — how many reviews the whole period counts for in a smoothed figure
// param window: integer — buckets on each side that a moving mean takes in
// param limit: integer — how many aspects, where none is named
// returns bucket: string — its first day
// returns aspectId: string — the aspect
// returns name: string — its name
// returns reviews: integer — reviews of the bucket that speak of it
// returns written: integer — reviews of the bucket
// returns praise: integer — reviews that praise it
// returns blame: integer — reviews that blame it
// returns share: float — of the bucket's reviews, 0 … 1
// returns smoothShare: float — the share, drawn towards the whole period's
// returns movingShare: float — the share of the bucket and those around it
// returns sentiment: float — mean over its reviews, -1 … 1
// returns smoothSentiment: float — the sentiment, drawn towards the whole period's
// returns movingSentiment: float — the sentiment of the bucket and those around it
:param every => 'year';
:param aspectId => null;
:param attributeId => null;
:param itemId => null;
:param prior => 20.0;
:param window => 1;
:param limit => 10;
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
WHERE v.writtenAt IS NOT NULL
WITH collect(v) AS dated
CALL (dated) {
  UNWIND dated AS v
  MATCH (v)-[:MENTIONS]->(a:Aspect)
  WHERE $aspectId IS NULL OR a.aspectId = $aspectId
  WITH a, count(*) AS reviews
  ORDER BY reviews DESC, a.aspectId
  LIMIT $limit
  RETURN collect(a) AS chosen
}
UNWIND dated AS v
UNWIND range(-$window, $window) AS step
WITH size(dated) AS total, chosen, v, step = 0 AS own,
     date.truncate($every, v.writtenAt) + CASE $every
       WHEN 'day' THEN duration({days: step})
       WHEN 'week' THEN duration({days: 7 * step})
       WHEN 'month' THEN duration({months: step})
       WHEN 'quarter' THEN duration({months: 3 * step})
       ELSE duration({months: 12 * step})
     END AS bucket
WITH total, chosen, bucket, collect({v: v, own: own}) AS near,
     sum(CASE WHEN own THEN 1 ELSE 0 END) AS written
WHERE written > 0
UNWIND near AS each
WITH total, chosen, bucket, written, size(near) AS around, each.own AS own, each.v AS v
MATCH (v)-[m:MENTIONS]->(a:Aspect)
WHERE a IN chosen
WITH total, bucket, written, around, a, own, m.sentiment AS sentiment
WITH total, bucket, written, around, a,
     sum(CASE WHEN own THEN 1 ELSE 0 END) AS reviews,
     sum(CASE WHEN own AND sentiment > 0 THEN 1 ELSE 0 END) AS praise,
     sum(CASE WHEN own AND sentiment < 0 THEN 1 ELSE 0 END) AS blame,
     sum(CASE WHEN own AND sentiment IS NOT NULL THEN 1 ELSE 0 END) AS known,
     sum(CASE WHEN own THEN coalesce(sentiment, 0.0) ELSE 0.0 END) AS felt,
     count(*) AS reviewsAround,
     count(sentiment) AS knownAround,
     sum(coalesce(sentiment, 0.0)) AS feltAround
WITH a, total,
     1.0 * sum(reviews) / total AS share,
     CASE WHEN sum(known) > 0 THEN sum(felt) / sum(known) ELSE 0.0 END AS sentiment,
     collect({bucket: bucket, written: written, around: around, reviews: reviews, praise: praise,
              blame: blame, known: known, felt: felt, reviewsAround: reviewsAround,
              knownAround: knownAround, feltAround: feltAround}) AS buckets
UNWIND buckets AS b
WITH a, share, sentiment, b
WHERE b.reviews > 0
RETURN toString(b.bucket) AS bucket,
       a.aspectId AS aspectId,
       a.name AS name,
       b.reviews AS reviews,
       b.written AS written,
       b.praise AS praise,
       b.blame AS blame,
       1.0 * b.reviews / b.written AS share,
       (b.reviews + $prior * share) / (b.written + $prior) AS smoothShare,
       1.0 * b.reviewsAround / b.around AS movingShare,
       CASE WHEN b.known > 0 THEN b.felt / b.known END AS sentiment,
       (b.felt + $prior * sentiment) / (b.known + $prior) AS smoothSentiment,
       CASE WHEN b.knownAround > 0 THEN b.feltAround / b.knownAround END AS movingSentiment
ORDER BY bucket, reviews DESC, aspectId
