// write/embeddings: the vectors of a model on its nodes
// access: write
// param rows: list<map> — key, embedding
// identifier __LABEL__: label — User or Item
// identifier __KEY__: key — its key
UNWIND $rows AS row
MATCH (n:__LABEL__ {__KEY__: row.key})
SET n.embedding = row.embedding
