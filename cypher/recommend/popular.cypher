// recommend/popular: what most people like: for visitors nobody knows anything about
// access: read
// asked: what is popular?
// asked: which items do most people like?
// asked: the most liked items
// asked: what is liked best by everybody?
// asked: the favourites of all people
// asked: what should we show to a stranger?
// param limit: integer — how many
// returns itemId: string — the item
// returns title: string — its name
// returns people: integer — people who like it
// returns liked: float — their share of all who said or did something
:param limit => 10;
MATCH (i:Item)<-[r:!RECOMMENDED]-(u:User)
WITH i, count(DISTINCT u) AS known,
     count(DISTINCT CASE WHEN coalesce(r.positive, true) THEN u END) AS people
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       people,
       1.0 * people / known AS liked
ORDER BY people DESC, itemId
LIMIT $limit
