// V006__popular: items by how many people like them
CREATE INDEX item_liked IF NOT EXISTS FOR (n:Item) ON (n.likedCount);
