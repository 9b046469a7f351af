// read/derived: what was derived of one type, of one kind
// access: read
// identifier __TYPE__: type — DESCRIBED_BY or INTERESTED_IN
// identifier __START__: label — Item or User
// identifier __START_KEY__: key — its key
// identifier __END__: label — Entity, Aspect, Topic or Attribute
// identifier __END_KEY__: key — its key
// returns start: string — key of the item or user
// returns end: list<string> — of each relationship, the key of its end
// returns support: list<integer> — reviews or items behind it
// returns sentiment: list<float> — -1 … 1
// returns weight: list<float> — 0 … 1
// returns firstAt: list<integer> — of interests, the first evidence, epoch milliseconds
// returns lastAt: list<integer> — of interests, the last evidence, epoch milliseconds
MATCH (n:__START__)
WITH n, [(n)-[r:__TYPE__]->(t:__END__)
         | [t.__END_KEY__, r.support, r.sentiment, r.weight, r.firstAt.epochMillis,
            r.lastAt.epochMillis]] AS rows
RETURN n.__START_KEY__ AS start,
       [row IN rows | row[0]] AS end,
       [row IN rows | row[1]] AS support,
       [row IN rows | row[2]] AS sentiment,
       [row IN rows | row[3]] AS weight,
       [row IN rows | row[4]] AS firstAt,
       [row IN rows | row[5]] AS lastAt
