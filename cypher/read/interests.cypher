// read/interests: what each user is interested in, of one kind
// access: read
// identifier __LABEL__: label — Topic, Aspect, Entity or Attribute
// identifier __KEY__: key — its key
// returns userId: string — the user's key
// returns things: list<string> — of each interest, the key of the thing
// returns names: list<string> — its name
// returns weights: list<float> — how strong it is, 0 … 1
MATCH (u:User)
WITH u, [(u)-[n:INTERESTED_IN]->(t:__LABEL__) | [t.__KEY__, coalesce(t.name, t.label), n.weight]] AS rows
RETURN u.userId AS userId,
       [row IN rows | row[0]] AS things,
       [row IN rows | row[1]] AS names,
       [row IN rows | row[2]] AS weights
