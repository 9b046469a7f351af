// browse/reviews_over_time: how much is written, and how well it speaks, over time
// access: read
// asked: how many reviews are written over time?
// asked: the number of reviews by time
// asked: how does sentiment change over time?
// asked: how many reviews of {itemId} are written over time?
// asked: how many reviews are written each month?
// A bucket's mean sentiment is drawn towards that of the whole period, as if `prior` more reviews
// had been like all of them: (sum + prior · whole) / (count + prior). The moving means take
// `window` buckets before and after with them.
// param every: string — day, week (from Monday), month, quarter or year; buckets are in UTC
// param attributeId: string — only reviews of items that have it ("this brand"), or null
// param itemId: string — only reviews of this item, or null
// param prior: float — how many reviews the whole period counts for in a smoothed figure
// param window: integer — buckets on each side that a moving mean takes in
// returns bucket: string — its first day
// returns reviews: integer — reviews of the bucket
// returns movingReviews: float — a bucket's reviews, mean of this one and those around it
// returns liked: float — share that likes its item, of those that say so, 0 … 1
// returns sentiment: float — mean over the reviews, -1 … 1
// returns smoothSentiment: float — the sentiment, drawn towards the whole period's
// returns movingSentiment: float — the sentiment of the bucket and those around it
:param every => 'year';
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
WHERE v.writtenAt IS NOT NULL
WITH date.truncate($every, v.writtenAt) AS bucket,
     count(*) AS reviews,
     avg(CASE v.positive WHEN true THEN 1.0 WHEN false THEN 0.0 END) AS liked,
     count(v.sentiment) AS known,
     sum(coalesce(v.sentiment, 0.0)) AS felt
WITH collect({bucket: bucket, reviews: reviews, liked: liked, known: known, felt: felt}) AS own,
     CASE WHEN sum(known) > 0 THEN sum(felt) / sum(known) ELSE 0.0 END AS sentiment
UNWIND own AS each
UNWIND range(-$window, $window) AS step
WITH sentiment, each, step = 0 AS itself,
     each.bucket + CASE $every
       WHEN 'day' THEN duration({days: step})
       WHEN 'week' THEN duration({days: 7 * step})
       WHEN 'month' THEN duration({months: step})
       WHEN 'quarter' THEN duration({months: 3 * step})
       ELSE duration({months: 12 * step})
     END AS bucket
WITH sentiment, bucket,
     collect(CASE WHEN itself THEN each END) AS b,
     sum(each.reviews) AS reviewsAround,
     sum(each.known) AS knownAround,
     sum(each.felt) AS feltAround
WHERE size(b) > 0
WITH sentiment, bucket, b[0] AS b, reviewsAround, knownAround, feltAround
RETURN toString(bucket) AS bucket,
       b.reviews AS reviews,
       reviewsAround / (2.0 * $window + 1) AS movingReviews,
       b.liked AS liked,
       CASE WHEN b.known > 0 THEN b.felt / b.known END AS sentiment,
       (b.felt + $prior * sentiment) / (b.known + $prior) AS smoothSentiment,
       CASE WHEN knownAround > 0 THEN feltAround / knownAround END AS movingSentiment
ORDER BY bucket
