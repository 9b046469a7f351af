// read/search: items that a text asks for, by meaning and by words
// access: read
// meaning is the cosine of the text's vector and the item's (Neo4j: of the 100 nearest by the vector
// index and of what has a word; embedded graph: of all). words is BM25 (Robertson & Zaragoza, 2009;
// k1 = 1.2, b = 0.5) of the first 16 words, where a word occurs once for each of the item's reviews
// that has it, or its title or description, and an item is as long as it has reviews (Neo4j:
// whole words, by the full-text index; embedded graph: anywhere in the text).
// score = meaning / the best + wordsWeight · words / the best + listWeight / √rank, a convex
// combination up to a factor (Bruch et al., TOIS 2023).
// param vector: list<float> — of the text, by the encoder that made Item.textVector
// param words: list<string> — its words in lower case, without stop words
// param userId: string — whose list counts too, or null
// param wordsWeight: float — of words, where meaning weighs 1
// param listWeight: float — of the user's list
// param limit: integer — how many
// returns itemId: string — the item
// returns title: string — its name
// returns score: float — higher is better, for this text
// returns meaning: float — cosine of the text and what is written about the item
// returns words: float — BM25 of the words
// returns rank: integer — place on the user's list, null where it is not on it
// returns quote: string — a review that says most of the words
:param words => [];
:param userId => null;
:param wordsWeight => 0.25;
:param listWeight => 0.2;
:param limit => 10;
CALL {
  CALL db.index.vector.queryNodes('item_text_vector', 100, $vector) YIELD node
  RETURN node AS i, 0.0 AS said
UNION ALL
  WITH COUNT { (:Item) } AS items, COUNT { (:Review)-[:ABOUT]->(:Item) } AS reviews
  WITH items, 1 + 1.0 * reviews / items AS length
  UNWIND $words[..16] AS word
  CALL db.index.fulltext.queryNodes('item_words', word) YIELD node
  OPTIONAL MATCH (node)-[:ABOUT]->(about:Item)
  WITH word, items, length, coalesce(about, node) AS i
  WITH word, items, length, i, count(*) AS times, COUNT { (i)<-[:ABOUT]-(:Review) } AS reviews
  WITH word, items, length, collect({i: i, times: times, reviews: reviews}) AS having
  UNWIND having AS each
  WITH each.i AS i, items, size(having) AS about,
       each.times / (each.times + 1.2 * (0.5 + 0.5 * (1 + each.reviews) / length)) AS told
  RETURN i, 2.2 * told * log(1 + (items - about + 0.5) / (about + 0.5)) AS said
}
WITH i, sum(said) AS words
WITH i, words, coalesce(2 * vector.similarity.cosine(i.textVector, $vector) - 1, 0.0) AS meaning
WITH collect({i: i, meaning: meaning, words: words}) AS found,
     max(meaning) AS nearest, max(words) AS loudest
UNWIND found AS each
WITH each.i AS i, each.meaning AS meaning, each.words AS words, nearest, loudest
OPTIONAL MATCH (u:User {userId: $userId})-[r:RECOMMENDED]->(i) WHERE r.at = u.listAt
WITH i, meaning, words, r.rank AS rank,
     CASE WHEN nearest > 0 AND meaning > 0 THEN meaning / nearest ELSE 0.0 END
     + CASE WHEN loudest > 0 THEN $wordsWeight * words / loudest ELSE 0.0 END
     + CASE WHEN r IS NOT NULL THEN $listWeight / sqrt(r.rank) ELSE 0.0 END AS score
ORDER BY score DESC, i.itemId
LIMIT $limit
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       score,
       meaning,
       words,
       rank,
       head(COLLECT {
         MATCH (v:Review)-[:ABOUT]->(i)
         WITH v, size([word IN $words WHERE toLower(v.text) CONTAINS word]) AS shared
         WHERE shared > 0
         RETURN v.text
         ORDER BY shared DESC, size(v.text), v.reviewId
         LIMIT 1
       }) AS quote
ORDER BY score DESC, itemId
