// browse/item_lacks: what people who like an item praise elsewhere, and nobody says of this item
// access: read
// asked: what does {itemId} lack?
// asked: what do people who like {itemId} miss in it?
// asked: how could {itemId} be better for its fans?
// surprise = (fans - expected) / √expected, where expected is how many of as many other people
// praise it; from about 3 on it is hardly chance.
// param itemId: string — the item
// param least: integer — fans who must praise it
// param limit: integer — how many
// returns kind: string — Aspect, or an attribute's kind
// returns name: string — what it is
// returns fans: integer — people who like the item and praise this, or like what has it
// returns share: float — of all who like the item, 0 … 1
// returns lift: float — how many times as many as among all people
// returns surprise: float — how far from chance
:param itemId => 'i-1';
:param least => 3;
:param limit => 25;
MATCH (u:User)
WHERE EXISTS { (u)-[:INTERESTED_IN]->() }
WITH count(u) AS everybody
MATCH (i:Item {itemId: $itemId})<-[r:!RECOMMENDED]-(u:User)
WHERE coalesce(r.positive, true)
WITH everybody, i, collect(DISTINCT u) AS fans
UNWIND fans AS u
MATCH (u)-[n:INTERESTED_IN]->(t:Aspect|Attribute)
WHERE n.sentiment > 0
WITH everybody, i, size(fans) AS size, t, count(u) AS praising
WHERE praising >= $least AND NOT EXISTS { (i)-[:DESCRIBED_BY|HAS_ATTRIBUTE]->(t) }
WITH everybody, size, t, praising,
     COUNT { MATCH (t)<-[n:INTERESTED_IN]-(:User) WHERE n.sentiment > 0 } AS people
WITH t, praising, size, 1.0 * size * people / everybody AS expected
RETURN CASE WHEN t:Attribute THEN t.kind ELSE 'Aspect' END AS kind,
       t.name AS name,
       praising AS fans,
       1.0 * praising / size AS share,
       praising / expected AS lift,
       (praising - expected) / sqrt(expected) AS surprise
ORDER BY surprise DESC, kind, name
LIMIT $limit
