// browse/user_profile: what a user is interested in, by kind, strongest first
// access: read
// asked: what is {userId} interested in?
// asked: the interests of {userId}
// asked: which taste does {userId} have?
// asked: what does {userId} like?
// asked: what does {userId} care about?
// asked: tell me about {userId}
// param userId: string — the user
// param perKind: integer — how many of each kind
// returns kind: string — Topic, Aspect, Entity, or an attribute's kind
// returns name: string — what it is
// returns weight: float — strength, 0 … 1
// returns sentiment: float — how the user speaks of it, or likes what has it, -1 … 1
// returns support: integer — reviews or items that it rests on
:param userId => 'u-1';
:param perKind => 5;
MATCH (u:User {userId: $userId})-[n:INTERESTED_IN]->(t)
WITH coalesce(CASE WHEN t:Attribute THEN t.kind WHEN t:Topic THEN 'Topic'
                   WHEN t:Aspect THEN 'Aspect' END, 'Entity') AS kind, t, n
ORDER BY n.weight DESC, coalesce(t.name, t.label)
WITH kind, collect({name: coalesce(t.name, t.label), weight: n.weight,
                    sentiment: n.sentiment, support: n.support})[..$perKind] AS best
UNWIND best AS b
RETURN kind, b.name AS name, b.weight AS weight, b.sentiment AS sentiment, b.support AS support
ORDER BY kind, weight DESC, name
