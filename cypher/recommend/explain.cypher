// recommend/explain: why an item is for a user: counts, examples and quotes that each reason rests on now
// access: read
// Counted from what people wrote and did, not from derived weights. A reason whose evidence is gone
// since it was published stays, with live = false. The words of kgrec explain rest on these columns.
// param userId: string — the user
// param itemId: string — the item
// param reasons: list<string> — kind|weight|key each; none for those that are published
// returns place: integer — 1 is the strongest reason
// returns kind: string — item, aspect, topic, entity, attribute, user or popular
// returns weight: float — how much the reason weighs
// returns key: string — key of the thing between user and item
// returns name: string — its name
// returns live: boolean — whether both ends still have evidence
// returns own: integer — things of the user's: items whose aspect they wrote of, reviews, likes
// returns praised: integer — of own, those with good words or a like
// returns blamed: integer — of own, those with bad words
// returns examples: list<string> — up to three of own, praised first
// returns evidence: integer — other people's reviews of the item, or people
// returns positive: integer — of evidence, those with good words or a like
// returns negative: integer — of evidence, those with bad words
// returns quotes: list<map> — by: user, title, reviewId, sentiment, text; the user's own first
:param userId => 'u-1';
:param itemId => 'i-1';
:param reasons => [];
MATCH (u:User {userId: $userId}), (i:Item {itemId: $itemId})
OPTIONAL MATCH (u)-[r:RECOMMENDED]->(i) WHERE r.at = u.listAt
WITH u, i, CASE WHEN size($reasons) > 0 THEN $reasons ELSE coalesce(r.reasons, []) END AS reasons
UNWIND range(0, size(reasons) - 1) AS n
WITH u, i, n + 1 AS place, reasons[n] AS reason, split(reasons[n], '|') AS parts
WITH u, i, place, parts[0] AS kind, toFloat(parts[1]) AS weight,
     substring(reason, size(parts[0]) + size(parts[1]) + 2) AS key
CALL (u, i, kind, key) {
  WITH u, i, kind, key WHERE kind = 'item'
  MATCH (u)-[did]->(j:Item {itemId: key})
  WHERE NOT did:RECOMMENDED AND coalesce(did.positive, true)
  WITH DISTINCT u, i, j
  CALL (u, i, j) {
    UNWIND [i, j] AS one
    MATCH (one)<-[liked:!(RECOMMENDED|ABOUT|SIMILAR_TO)]-(v:User)
    WHERE v <> u AND coalesce(liked.positive, true)
    WITH v, count(DISTINCT one) AS both
    WHERE both = 2
    RETURN count(v) AS people
  }
  WITH u, i, j, people
  WHERE people > 0 OR EXISTS { (j)-[:SIMILAR_TO]-(i) }
  RETURN {name: coalesce(j.title, j.itemId), own: 1, praised: 1, blamed: 0,
          examples: [coalesce(j.title, j.itemId)], evidence: people, positive: people, negative: 0,
          quotes: COLLECT {
            MATCH (u)-[:WROTE]->(v:Review)-[:ABOUT]->(j)
            RETURN {by: u.userId, title: coalesce(j.title, j.itemId), reviewId: v.reviewId,
                    sentiment: v.sentiment, text: left(v.text, 160)}
            ORDER BY v.reviewId LIMIT 1
          }} AS found
UNION ALL
  WITH u, i, kind, key WHERE kind IN ['aspect', 'entity']
  MATCH (u)-[:WROTE]->(v:Review)-[m:MENTIONS]->(t)
  WHERE (kind = 'aspect' AND t.aspectId = key) OR (kind = 'entity' AND t.entityId = key)
  MATCH (v)-[:ABOUT]->(j:Item)
  WITH u, i, t, j, v, m ORDER BY coalesce(m.sentiment, 0.0) DESC, v.reviewId
  WITH u, i, t, j, avg(m.sentiment) AS felt, collect({v: v, m: m})[0] AS best
  ORDER BY coalesce(felt, 0.0) DESC, j.itemId
  WITH u, i, t, collect(j) AS items, collect(best)[0] AS best,
       sum(CASE WHEN felt > 0 THEN 1 ELSE 0 END) AS praised,
       sum(CASE WHEN felt < 0 THEN 1 ELSE 0 END) AS blamed
  MATCH (i)<-[:ABOUT]-(w:Review)<-[:WROTE]-(by:User)
  WHERE by <> u
  MATCH (w)-[s:MENTIONS]->(t)
  WITH u, i, t, items, best.v AS v, best.m AS m, praised, blamed, w, s
  ORDER BY coalesce(s.sentiment, 0.0) DESC, w.reviewId
  WITH u, i, t, items, v, m, praised, blamed, collect({w: w, s: s})[..2] AS said,
       count(w) AS evidence,
       sum(CASE WHEN s.sentiment > 0 THEN 1 ELSE 0 END) AS positive,
       sum(CASE WHEN s.sentiment < 0 THEN 1 ELSE 0 END) AS negative
  RETURN {name: t.name, own: size(items), praised: praised, blamed: blamed,
          examples: [j IN items[..3] | coalesce(j.title, j.itemId)],
          evidence: evidence, positive: positive, negative: negative,
          quotes: COLLECT {
            UNWIND [{w: v, s: m}] + said AS one
            WITH one.w AS w, one.s AS s
            MATCH (w)<-[:WROTE]-(by:User)
            MATCH (w)-[:ABOUT]->(of:Item)
            WITH w, s, by, of, coalesce(s.starts[0], 0) AS first, coalesce(s.ends[0], 80) AS stop
            WITH w, s, by, of, stop, CASE WHEN first > 80 THEN first - 80 ELSE 0 END AS start
            RETURN {by: by.userId, title: coalesce(of.title, of.itemId), reviewId: w.reviewId,
                    sentiment: s.sentiment, text: substring(w.text, start, stop + 80 - start)}
          }} AS found
UNION ALL
  WITH u, i, kind, key WHERE kind = 'topic'
  MATCH (u)-[:WROTE]->(v:Review)-[h:HAS_TOPIC]->(t:Topic {topicId: key})
  MATCH (v)-[:ABOUT]->(j:Item)
  WITH u, i, t, v, h, j ORDER BY h.weight DESC, v.reviewId
  WITH u, i, t, collect(v) AS own, collect(coalesce(j.title, j.itemId))[..3] AS examples
  MATCH (i)<-[:ABOUT]-(w:Review)<-[:WROTE]-(by:User)
  WHERE by <> u
  MATCH (w)-[h:HAS_TOPIC]->(t)
  WITH t, own, examples, w, h ORDER BY h.weight DESC, w.reviewId
  WITH t, own, examples, collect(w) AS said
  RETURN {name: t.label, own: size(own), praised: 0, blamed: 0, examples: examples,
          evidence: size(said), positive: 0, negative: 0,
          quotes: COLLECT {
            UNWIND own[..1] + said[..2] AS w
            MATCH (w)<-[:WROTE]-(by:User)
            MATCH (w)-[:ABOUT]->(of:Item)
            RETURN {by: by.userId, title: coalesce(of.title, of.itemId), reviewId: w.reviewId,
                    sentiment: w.sentiment, text: left(w.text, 160)}
          }} AS found
UNION ALL
  WITH u, i, kind, key WHERE kind = 'attribute'
  MATCH (i)-[:HAS_ATTRIBUTE]->(t:Attribute {attributeId: key})
  MATCH (u)-[did]->(j:Item)
  WHERE j <> i AND NOT did:RECOMMENDED AND coalesce(did.positive, true)
  WITH DISTINCT t, j
  MATCH (j)-[:HAS_ATTRIBUTE]->(t)
  WITH t, j ORDER BY j.itemId
  WITH t, collect(coalesce(j.title, j.itemId)) AS liked
  RETURN {name: t.name + ' (' + toLower(t.kind) + ')', own: size(liked), praised: size(liked),
          blamed: 0, examples: liked[..3], evidence: 1, positive: 0, negative: 0, quotes: []} AS found
UNION ALL
  WITH u, i, kind, key WHERE kind = 'user'
  MATCH (v:User {userId: key})-[liked]->(i)
  WHERE v <> u AND NOT liked:RECOMMENDED AND coalesce(liked.positive, true)
  WITH DISTINCT u, i, v
  UNWIND [u, v] AS one
  MATCH (one)-[did:!(RECOMMENDED|INTERESTED_IN|WROTE)]->(shared:Item)
  WHERE shared <> i AND coalesce(did.positive, true)
  WITH i, v, shared, count(DISTINCT one) AS likes
  WHERE likes = 2
  WITH i, v, shared ORDER BY shared.itemId
  WITH i, v, collect(coalesce(shared.title, shared.itemId)) AS both
  RETURN {name: v.userId, own: size(both), praised: size(both), blamed: 0, examples: both[..3],
          evidence: 1, positive: 1, negative: 0,
          quotes: COLLECT {
            MATCH (v)-[:WROTE]->(w:Review)-[:ABOUT]->(i)
            RETURN {by: v.userId, title: coalesce(i.title, i.itemId), reviewId: w.reviewId,
                    sentiment: w.sentiment, text: left(w.text, 160)}
            ORDER BY w.reviewId LIMIT 1
          }} AS found
UNION ALL
  WITH u, i, kind, key WHERE kind = 'popular' AND i.itemId = key
  WITH u, i, COUNT {
    MATCH (v:User)-[liked]->(i)
    WHERE v <> u AND NOT liked:RECOMMENDED AND coalesce(liked.positive, true)
    RETURN DISTINCT v
  } AS people
  WHERE people > 0
  RETURN {name: coalesce(i.title, i.itemId), own: 0, praised: 0, blamed: 0, examples: [],
          evidence: people, positive: people, negative: 0, quotes: []} AS found
UNION ALL
  RETURN null AS found
}
WITH place, kind, weight, key, collect(found)[0] AS found
RETURN place,
       kind,
       weight,
       key,
       coalesce(found.name, key) AS name,
       found IS NOT NULL AS live,
       coalesce(found.own, 0) AS own,
       coalesce(found.praised, 0) AS praised,
       coalesce(found.blamed, 0) AS blamed,
       coalesce(found.examples, []) AS examples,
       coalesce(found.evidence, 0) AS evidence,
       coalesce(found.positive, 0) AS positive,
       coalesce(found.negative, 0) AS negative,
       coalesce(found.quotes, []) AS quotes
ORDER BY place
