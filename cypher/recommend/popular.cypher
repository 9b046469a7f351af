// recommend/popular: what most people like: for visitors nobody knows anything about
// access: read
// asked: what is popular?
// asked: which items do most people like?
// asked: the most liked items
// asked: what is liked best by everybody?
// asked: the favourites of all people
// asked: what should we show to a stranger?
// Counted when facts are loaded. Items that nobody likes are left out.
// param limit: integer — how many
// returns itemId: string — the item
// returns title: string — its name
// returns people: integer — people who like it
// returns liked: float — their share of all who did something with it
:param limit => 10;
MATCH (i:Item)
WHERE i.likedCount > 0
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       i.likedCount AS people,
       1.0 * i.likedCount / i.userCount AS liked
ORDER BY people DESC, itemId
LIMIT $limit
