// browse/alerts: what was said more or less, better or worse than the time before foretold, surest first
// access: read
// asked: what surges were there?
// asked: what is being said more and more?
// asked: is there anything unusual?
// asked: alerts
// asked: did anything unusual happen in the reviews lately?
// asked: sudden changes in what people write
// `kgrec trends` raises them. Of all alerts of one run with a q-value of at most q, a share of at
// most q is expected to be false.
// param kind: string — volume, share or sentiment, or null for all
// param direction: string — up or down, or null for both
// param scope: string — catalogue, item or attribute:Kind, or null for all
// param aboutId: string — key of an aspect or topic, or null for all
// param placeId: string — key of an item or attribute, or null for all
// param since: string — only buckets that end after this date, or null
// param limit: integer — how many
// returns alertId: string — the alert's key
// returns bucket: string — its first day
// returns every: string — how long the bucket is
// returns kind: string — volume, share or sentiment
// returns direction: string — up or down
// returns scope: string — catalogue, item or attribute:Kind
// returns placeId: string — key of the item or attribute, empty for the catalogue
// returns place: string — its name
// returns aboutId: string — key of the aspect or topic, empty for the place's reviews as a whole
// returns about: string — its name
// returns observed: float — how many there were
// returns expected: float — how many were expected
// returns lower: float — fewer than a quiet bucket has, 95 %
// returns upper: float — more than a quiet bucket has, 95 %
// returns exposure: integer — of how many: reviews, or opinions
// returns qValue: float — false discovery rate at which it holds
// returns sentence: string — the same in plain words
:param kind => null;
:param direction => null;
:param scope => null;
:param aboutId => null;
:param placeId => null;
:param since => null;
:param limit => 20;
MATCH (a:Alert)
WHERE ($kind IS NULL OR a.kind = $kind)
  AND ($direction IS NULL OR a.direction = $direction)
  AND ($scope IS NULL OR a.scope = $scope)
  AND ($since IS NULL OR a.endsAt > datetime($since))
OPTIONAL MATCH (a)-[:RAISED_ON]->(t)
OPTIONAL MATCH (a)-[:RAISED_IN]->(p)
WITH a, t, p
WHERE ($aboutId IS NULL OR coalesce(t.aspectId, t.topicId) = $aboutId)
  AND ($placeId IS NULL OR coalesce(p.itemId, p.attributeId) = $placeId)
RETURN a.alertId AS alertId,
       toString(date(a.startsAt)) AS bucket,
       a.every AS every,
       a.kind AS kind,
       a.direction AS direction,
       a.scope AS scope,
       coalesce(p.itemId, p.attributeId, '') AS placeId,
       coalesce(p.title, p.name, p.itemId, '') AS place,
       coalesce(t.aspectId, t.topicId, '') AS aboutId,
       coalesce(t.name, t.label, '') AS about,
       a.observed AS observed,
       a.expected AS expected,
       a.lower AS lower,
       a.upper AS upper,
       a.exposure AS exposure,
       a.qValue AS qValue,
       a.sentence AS sentence
ORDER BY qValue, a.pValue, alertId
LIMIT $limit
