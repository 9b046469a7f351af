// browse/divided_opinions: items and aspects that some praise and others blame
// access: read
// asked: where do opinions differ?
// asked: what do some people praise and others blame?
// asked: what is controversial?
// asked: what do people disagree about?
// asked: which items are loved by some and hated by others?
// param least: integer — praises and blames that there must be at least, each
// param limit: integer — how many
// returns itemId: string — the item
// returns title: string — its name
// returns aspect: string — the aspect
// returns praise: integer — reviews that praise it
// returns blame: integer — reviews that blame it
:param least => 2;
:param limit => 25;
MATCH (i:Item)<-[:ABOUT]-(:Review)-[m:MENTIONS]->(a:Aspect)
WHERE abs(m.sentiment) >= 0.2
WITH i, a,
     sum(CASE WHEN m.sentiment > 0 THEN 1 ELSE 0 END) AS praise,
     sum(CASE WHEN m.sentiment < 0 THEN 1 ELSE 0 END) AS blame
WHERE praise >= $least AND blame >= $least
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       a.name AS aspect,
       praise,
       blame
ORDER BY CASE WHEN praise < blame THEN praise ELSE blame END DESC, itemId, aspect
LIMIT $limit
