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
WITH date.truncate($every, v.writtenAt) AS day, collect(v) AS reviews
WITH collect({day: day, reviews: reviews}) AS days, sum(size(reviews)) AS total
CALL (days, total) {
  UNWIND days AS d
  UNWIND d.reviews AS v
  MATCH (v)-[m:MENTIONS]->(a:Aspect)
  WHERE $aspectId IS NULL OR a.aspectId = $aspectId
  WITH total, a, d.day AS day,
       count(*) AS reviews,
       sum(CASE WHEN m.sentiment > 0 THEN 1 ELSE 0 END) AS praise,
       sum(CASE WHEN m.sentiment < 0 THEN 1 ELSE 0 END) AS blame,
       count(m.sentiment) AS known,
       sum(coalesce(m.sentiment, 0.0)) AS felt
  WITH total, a, sum(reviews) AS said,
       CASE WHEN sum(known) > 0 THEN sum(felt) / sum(known) ELSE 0.0 END AS sentiment,
       collect({day: day, reviews: reviews, praise: praise, blame: blame,
                known: known, felt: felt}) AS buckets
  ORDER BY said DESC, a.aspectId
  LIMIT $limit
  RETURN collect({a: a, share: 1.0 * said / total, sentiment: sentiment,
                  buckets: buckets}) AS aspects
}
CALL (days, aspects) {
  UNWIND days AS d
  RETURN d.day AS day, size(d.reviews) AS written,
         null AS a, null AS whole, null AS wholly, null AS said
UNION ALL
  UNWIND aspects AS one
  UNWIND one.buckets AS said
  RETURN said.day AS day, 0 AS written,
         one.a AS a, one.share AS whole, one.sentiment AS wholly, said
}
UNWIND range(-$window, $window) AS step
WITH a, whole, wholly, written, said, step = 0 AS own,
     day + CASE $every
       WHEN 'day' THEN duration({days: step})
       WHEN 'week' THEN duration({days: 7 * step})
       WHEN 'month' THEN duration({months: step})
       WHEN 'quarter' THEN duration({months: 3 * step})
       ELSE duration({months: 12 * step})
     END AS bucket
WITH bucket, a, whole, wholly,
     sum(CASE WHEN own THEN written ELSE 0 END) AS written,
     sum(written) AS around,
     collect(CASE WHEN own THEN said END) AS said,
     sum(coalesce(said.reviews, 0)) AS reviewsAround,
     sum(coalesce(said.known, 0)) AS knownAround,
     sum(coalesce(said.felt, 0.0)) AS feltAround
WITH bucket, sum(written) AS written, sum(around) AS around,
     collect({a: a, whole: whole, wholly: wholly, b: said[0], reviewsAround: reviewsAround,
              knownAround: knownAround, feltAround: feltAround}) AS found
UNWIND found AS each
WITH bucket, written, around, each, each.a AS a, each.b AS b
WHERE b IS NOT NULL
RETURN toString(bucket) AS bucket,
       a.aspectId AS aspectId,
       a.name AS name,
       b.reviews AS reviews,
       written,
       b.praise AS praise,
       b.blame AS blame,
       1.0 * b.reviews / written AS share,
       (b.reviews + $prior * each.whole) / (written + $prior) AS smoothShare,
       1.0 * each.reviewsAround / around AS movingShare,
       CASE WHEN b.known > 0 THEN b.felt / b.known END AS sentiment,
       (b.felt + $prior * each.wholly) / (b.known + $prior) AS smoothSentiment,
       CASE WHEN each.knownAround > 0 THEN each.feltAround / each.knownAround END AS movingSentiment
ORDER BY bucket, reviews DESC, aspectId
