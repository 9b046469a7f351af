// browse/item_picture: an item with its attributes, what describes it and what is like it
// access: read
// param itemId: string — the item
// param limit: integer — how many relationships
// returns path: path — item, relationship, thing
:param itemId => 'i-1';
:param limit => 60;
MATCH path = (i:Item {itemId: $itemId})-[r:HAS_ATTRIBUTE|DESCRIBED_BY|SIMILAR_TO|SAME_AS]->()
RETURN path
ORDER BY coalesce(r.weight, r.score, 1.0) DESC
LIMIT $limit
