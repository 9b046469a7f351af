// browse/item_quotes: what people write about one aspect of an item, best and worst first
// access: read
// asked: what do people write about the {aspectId} of {itemId}?
// asked: quotes about {aspectId} in reviews of {itemId}
// asked: how is the {aspectId} of {itemId}?
// asked: what exactly do reviews say about the {aspectId} of {itemId}?
// param itemId: string — the item
// param aspectId: string — the aspect
// param limit: integer — how many quotes
// returns sentiment: float — of the clause around the mention, -1 … 1
// returns quote: string — the text around the mention
// returns userId: string — who wrote it
// returns writtenAt: datetime — when
// returns reviewId: string — where
:param itemId => 'i-1';
:param aspectId => 'sound';
:param limit => 10;
MATCH (i:Item {itemId: $itemId})<-[:ABOUT]-(v:Review)-[m:MENTIONS]->(:Aspect {aspectId: $aspectId})
MATCH (u:User)-[:WROTE]->(v)
WITH v, m, u, m.ends[0] AS stop,
     CASE WHEN m.starts[0] > 80 THEN m.starts[0] - 80 ELSE 0 END AS start
RETURN m.sentiment AS sentiment,
       substring(v.text, start, stop + 80 - start) AS quote,
       u.userId AS userId,
       v.writtenAt AS writtenAt,
       v.reviewId AS reviewId
ORDER BY abs(coalesce(m.sentiment, 0.0)) DESC, reviewId
LIMIT $limit
