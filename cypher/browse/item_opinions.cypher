// browse/item_opinions: what people say about an item: aspects, sentiment, and a quote for each
// access: read
// asked: what do people say about {itemId}?
// asked: what is good and bad about {itemId}?
// asked: opinions about {itemId}
// asked: is {itemId} any good?
// asked: do people like {itemId}, and what about it?
// asked: reviews of {itemId}
// The quote is that of the strongest opinion, cut around the mention by its offsets.
// param itemId: string — the item
// param limit: integer — how many aspects
// returns aspect: string — the aspect
// returns reviews: integer — reviews that speak of it
// returns sentiment: float — their mean, -1 … 1
// returns praise: integer — reviews that praise it
// returns blame: integer — reviews that blame it
// returns quote: string — what somebody wrote
// returns reviewId: string — where
:param itemId => 'i-1';
:param limit => 15;
MATCH (i:Item {itemId: $itemId})<-[:ABOUT]-(v:Review)-[m:MENTIONS]->(a:Aspect)
WITH a, v, m ORDER BY abs(coalesce(m.sentiment, 0.0)) DESC, v.reviewId
WITH a, collect({v: v, m: m})[0] AS strongest, count(m) AS reviews,
     avg(m.sentiment) AS sentiment,
     sum(CASE WHEN m.sentiment > 0 THEN 1 ELSE 0 END) AS praise,
     sum(CASE WHEN m.sentiment < 0 THEN 1 ELSE 0 END) AS blame
WITH a, reviews, sentiment, praise, blame, strongest.v AS v, strongest.m AS m
WITH a, reviews, sentiment, praise, blame, v, m.ends[0] AS stop,
     CASE WHEN m.starts[0] > 80 THEN m.starts[0] - 80 ELSE 0 END AS start
RETURN a.name AS aspect,
       reviews,
       sentiment,
       praise,
       blame,
       substring(v.text, start, stop + 80 - start) AS quote,
       v.reviewId AS reviewId
ORDER BY reviews DESC, aspect
LIMIT $limit
