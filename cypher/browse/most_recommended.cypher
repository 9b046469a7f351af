// browse/most_recommended: which items fill the lists, beside how many people know them
// access: read
// asked: what is recommended most often?
// asked: which items are on most lists?
// asked: the items that fill the lists of recommendations
// asked: which items do we recommend to most people?
// param limit: integer — how many
// returns itemId: string — the item
// returns title: string — its name
// returns lists: integer — on how many lists it is
// returns first: integer — on how many it is first
// returns people: integer — people who did something with it, counted when facts are loaded
:param limit => 25;
MATCH (i:Item)
WITH i, COUNT { (i)<-[:RECOMMENDED]-() } AS lists
WHERE lists > 0
WITH i, lists ORDER BY lists DESC, i.itemId LIMIT $limit
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       lists,
       COUNT { MATCH (i)<-[r:RECOMMENDED]-() WHERE r.rank = 1 } AS first,
       i.userCount AS people
ORDER BY lists DESC, itemId
