// V003__search: items by what is written about them
CREATE VECTOR INDEX item_text_vector IF NOT EXISTS FOR (n:Item) ON (n.textVector)
OPTIONS {indexConfig: {`vector.similarity_function`: 'cosine'}};
CREATE FULLTEXT INDEX item_words IF NOT EXISTS FOR (n:Item|Review)
ON EACH [n.title, n.description, n.text];
