// recommend/answers: items that answer a new question, by texts like it and by whom they helped
// access: read
// For graphs whose reviews are questions and whose items are answers (examples/support_answers.yaml).
// How alike a text is: the share of the question's words that it has, rare words counting more
// (idf over past questions). score = alike of the nearest past question that the item was given for
// · (helped + ½) / (helped + not helped + 1), summed over all that are at least half as alike;
// + ½ alike of its own title and description; + its cosine, where a vector is given and items have
// one; + 0.2 / √rank where the item is on the user's list.
// param words: list<string> — the question's telling words in lower case
// param vector: list<float> — of the question, by the encoder that made Item.textVector; [] for none
// param userId: string — whose list counts too, or null
// param limit: integer — how many
// returns itemId: string — the answer
// returns title: string — its name
// returns score: float — higher is better, for this question
// returns alike: float — of the nearest past question, 0 … 1
// returns helped: integer — askers of questions nearly as near whom it helped
// returns notHelped: integer — those whom it did not
// returns meaning: float — cosine of the question and what is written about the answer
// returns rank: integer — place on the user's list, null where it is not on it
// returns question: string — the nearest past question
:param words => ['slow', 'wireless'];
:param vector => [];
:param userId => null;
:param limit => 5;
WITH COUNT { (:Review)-[:ABOUT]->(:Item) } AS questions
UNWIND CASE WHEN size($words) > 0 THEN $words ELSE [''] END AS word
WITH word, CASE WHEN word = '' THEN 0.0 ELSE log(1 + (1.0 + questions) / (1 + COUNT {
  MATCH (v:Review) WHERE toLower(v.text) CONTAINS word OR toLower(v.title) CONTAINS word
})) END AS tells
WITH collect({word: word, tells: tells}) AS asked, sum(tells) AS total
WITH asked, CASE WHEN total > 0 THEN total ELSE 1.0 END AS all
MATCH (i:Item)
WITH i, asked, all, COLLECT {
  MATCH (i)<-[:ABOUT]-(v:Review)
  WITH v, reduce(s = 0.0, a IN asked | s +
         CASE WHEN toLower(coalesce(v.title, '') + ' ' + v.text) CONTAINS a.word
              THEN a.tells ELSE 0.0 END) / all AS alike
  WHERE alike > 0
  RETURN {alike: alike, helped: coalesce(v.positive, true), text: v.text}
  ORDER BY alike DESC, v.reviewId
} AS past
WITH i, asked, all, past, coalesce(past[0].alike, 0.0) AS alike
WITH i, asked, all, past, alike,
     size([p IN past WHERE p.alike >= 0.5 * alike AND p.helped]) AS helped,
     size([p IN past WHERE p.alike >= 0.5 * alike AND NOT p.helped]) AS notHelped,
     reduce(s = 0.0, a IN asked | s +
       CASE WHEN toLower(coalesce(i.title, '') + ' ' + coalesce(i.description, '')) CONTAINS a.word
            THEN a.tells ELSE 0.0 END) / all AS own,
     CASE WHEN size($vector) > 0 AND size(coalesce(i.textVector, [])) = size($vector)
          THEN reduce(s = 0.0, k IN range(0, size($vector) - 1) | s + $vector[k] * i.textVector[k])
          END AS meaning
OPTIONAL MATCH (u:User {userId: $userId})-[r:RECOMMENDED]->(i) WHERE r.at = u.listAt
WITH i, past, alike, helped, notHelped, own, meaning, r.rank AS rank,
     alike * (helped + 0.5) / (helped + notHelped + 1) + 0.5 * own
     + CASE WHEN meaning > 0 THEN meaning ELSE 0.0 END
     + CASE WHEN r.rank > 0 THEN 0.2 / sqrt(r.rank) ELSE 0.0 END AS score
WHERE score > 0
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       score,
       alike,
       helped,
       notHelped,
       meaning,
       rank,
       past[0].text AS question
ORDER BY score DESC, itemId
LIMIT $limit
