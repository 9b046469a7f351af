// read/snapshot_mentions: what each review mentions, of one kind
// access: read
// identifier __LABEL__: label — Aspect or Entity
// identifier __KEY__: key — its key
// returns reviewId: string — the review's key
// returns targetId: list<string> — of each mention, the key of what is mentioned
// returns count: list<integer> — how often
// returns sentiment: list<float> — mean over the clauses that hold it, -1 … 1
MATCH (v:Review)
WITH v, [(v)-[m:MENTIONS]->(t:__LABEL__) | [t.__KEY__, m.count, m.sentiment]] AS rows
RETURN v.reviewId AS reviewId,
       [row IN rows | row[0]] AS targetId,
       [row IN rows | row[1]] AS count,
       [row IN rows | row[2]] AS sentiment
