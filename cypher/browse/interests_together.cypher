// browse/interests_together: what else people care for who care for an aspect, more than others do
// access: read
// asked: what else do people care for who care for {aspectId}?
// asked: which interests go together with {aspectId}?
// surprise = (together - expected) / √expected, where expected is how many people would care for
// both if the one had nothing to do with the other; from about 3 on it is hardly chance.
// param aspectId: string — the aspect; browse/aspects lists them
// param least: integer — people who must care for both
// param limit: integer — how many
// returns kind: string — Topic, Aspect, Entity, or an attribute's kind
// returns name: string — what it is
// returns together: integer — people who care for both
// returns people: integer — people who care for it
// returns lift: float — how many times as many as expected
// returns surprise: float — how far from chance
:param aspectId => 'sound';
:param least => 5;
:param limit => 25;
MATCH (u:User)
WHERE EXISTS { (u)-[:INTERESTED_IN]->() }
WITH count(u) AS everybody
MATCH (a:Aspect {aspectId: $aspectId})<-[:INTERESTED_IN]-(u:User)
WITH everybody, a, collect(u) AS audience
UNWIND audience AS u
MATCH (u)-[:INTERESTED_IN]->(t)
WHERE t <> a
WITH everybody, size(audience) AS size, t, count(u) AS together
WHERE together >= $least
WITH t, together, everybody, size, COUNT { (t)<-[:INTERESTED_IN]-(:User) } AS people
WITH t, together, people, 1.0 * size * people / everybody AS expected
RETURN coalesce(CASE WHEN t:Attribute THEN t.kind WHEN t:Topic THEN 'Topic'
                     WHEN t:Aspect THEN 'Aspect' END, 'Entity') AS kind,
       coalesce(t.name, t.label) AS name,
       together,
       people,
       together / expected AS lift,
       (together - expected) / sqrt(expected) AS surprise
ORDER BY surprise DESC, kind, name
LIMIT $limit
