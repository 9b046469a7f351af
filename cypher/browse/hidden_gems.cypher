// browse/hidden_gems: items that few people know and nearly all of them like
// access: read
// asked: hidden gems
// asked: what is liked by nearly all of the few people who know it?
// asked: good items that few people know
// asked: little known but very good items
// Counted when facts are loaded.
// param fewest: integer — people who must know it at least
// param most: integer — people who may know it at most
// param limit: integer — how many
// returns itemId: string — the item
// returns title: string — its name
// returns people: integer — people who know it
// returns liked: float — share of them who like it
// returns lists: integer — on how many lists it is recommended
:param fewest => 3;
:param most => 20;
:param limit => 25;
MATCH (i:Item)
WHERE i.userCount >= $fewest AND i.userCount <= $most
WITH i, i.userCount AS people, 1.0 * i.likedCount / i.userCount AS liked
ORDER BY liked DESC, people DESC, i.itemId
LIMIT $limit
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       people,
       liked,
       COUNT { (i)<-[:RECOMMENDED]-() } AS lists
ORDER BY liked DESC, people DESC, itemId
