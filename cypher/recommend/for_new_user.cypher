// recommend/for_new_user: for somebody the model has not met, given a few items that they like
// access: read
// asked: what would a new user who likes {liked} like?
// asked: recommend to somebody unknown who likes {liked}
// asked: I like {liked}, what else would I like?
// asked: a visitor whom we do not know likes {liked}; what else?
// Adds up the similarity to each given item; works the moment somebody says what they like.
// param liked: list<string> — items that they like
// param limit: integer — how many
// returns itemId: string — the item
// returns title: string — its name
// returns score: float — sum of similarities
// returns because: list<string> — which of the given items it is similar to, nearest first
:param liked => ['i-1', 'i-2'];
:param limit => 10;
UNWIND $liked AS itemId
MATCH (j:Item {itemId: itemId})-[s:SIMILAR_TO]->(i:Item)
WHERE NOT i.itemId IN $liked
WITH i, j, s ORDER BY s.score DESC
WITH i, sum(s.score) AS score, collect(coalesce(j.title, j.itemId)) AS because
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       score,
       because
ORDER BY score DESC, itemId
LIMIT $limit
