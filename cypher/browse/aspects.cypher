// browse/aspects: what people talk about, most talked about first
// access: read
// asked: what do people talk about?
// asked: the aspects that are mentioned most
// asked: which properties do reviews talk about?
// asked: what matters most to people?
// param limit: integer — how many
// returns aspectId: string — the aspect
// returns name: string — its name
// returns reviews: integer — reviews that speak of it
// returns items: integer — items of which it is said
// returns sentiment: float — mean over the reviews, -1 … 1
:param limit => 50;
MATCH (a:Aspect)
WITH a ORDER BY a.reviewCount DESC, a.aspectId LIMIT $limit
MATCH (a)<-[m:MENTIONS]-(:Review)
WITH a, avg(m.sentiment) AS sentiment
RETURN a.aspectId AS aspectId,
       a.name AS name,
       a.reviewCount AS reviews,
       a.itemCount AS items,
       sentiment
ORDER BY reviews DESC, aspectId
