// browse/alert_evidence: the reviews that show an alert, strongest first
// access: read
// The quote is cut around the mention by its offsets, where the alert is about an aspect.
// param alertId: string — the alert, as browse/alerts gives it
// returns rank: integer — place among the alert's reviews
// returns reviewId: string — the review
// returns itemId: string — what it is about
// returns title: string — its title
// returns at: string — the day it was written
// returns sentiment: float — of the mention, else of the whole text, -1 … 1
// returns quote: string — what somebody wrote
:param alertId => '';
MATCH (a:Alert {alertId: $alertId})-[shown:SHOWN_BY]->(v:Review)-[:ABOUT]->(i:Item)
OPTIONAL MATCH (a)-[:RAISED_ON]->(:Aspect)<-[m:MENTIONS]-(v)
WITH shown.rank AS rank, v, i, m, coalesce(m.starts[0], 0) AS first,
     coalesce(m.ends[0], 0) AS stop
WITH rank, v, i, m, stop, CASE WHEN first > 80 THEN first - 80 ELSE 0 END AS start
RETURN rank,
       v.reviewId AS reviewId,
       i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       toString(date(v.writtenAt)) AS at,
       coalesce(m.sentiment, v.sentiment) AS sentiment,
       substring(v.text, start, stop + 160 - start) AS quote
ORDER BY rank
