// browse/profile_then_and_now: what a user cares for now and cared for a year before, by kind
// access: read
// asked: how did the interests of {userId} change?
// asked: what did {userId} care for a year ago, and what now?
// From the evidence itself: reviews that mention a thing or are about it, and deeds with items
// that have it. Strength = s / (s + 2), where s adds up ½ ^ (age / half-life) of all that had been
// said and done at that time (of a topic, times its share of the text); what has no time is left
// out.
// param userId: string — the user
// param now: string — a time, or null for that of the user's latest evidence
// param daysBefore: integer — how long before that "before" was
// param halfLifeDays: float — after how many days evidence counts half
// param perKind: integer — how many of each kind, the strongest of either time
// returns kind: string — Topic, Aspect, Entity, or an attribute's kind
// returns name: string — what it is
// returns now: float — strength now, 0 … 1
// returns before: float — strength before, 0 … 1
// returns change: float — now less before
// returns support: integer — reviews or items until now
// returns lastAt: string — day of the last of them
:param userId => 'u-1';
:param now => null;
:param daysBefore => 365;
:param halfLifeDays => 365.0;
:param perKind => 5;
MATCH (u:User {userId: $userId})
CALL (u) {
  MATCH (u)-[:WROTE]->(v:Review)-[:MENTIONS]->(t)
  RETURN t, v.writtenAt AS at, 1.0 AS share
UNION ALL
  MATCH (u)-[:WROTE]->(v:Review)-[h:HAS_TOPIC]->(t:Topic)
  RETURN t, v.writtenAt AS at, h.weight AS share
UNION ALL
  MATCH (u)-[r:!RECOMMENDED]->(i:Item)
  WITH i, max(r.at) AS at
  MATCH (i)-[:HAS_ATTRIBUTE]->(t:Attribute)
  RETURN t, at, 1.0 AS share
}
WITH t, at, share
WHERE at IS NOT NULL
WITH collect({t: t, at: at.epochMillis, day: toString(date(at)), share: share}) AS evidence,
     max(at.epochMillis) AS latest
WITH evidence, CASE WHEN $now IS NULL THEN latest ELSE datetime($now).epochMillis END AS now
WITH evidence, now, now - 86400000 * $daysBefore AS before, 86400000.0 * $halfLifeDays AS half
UNWIND evidence AS e
WITH e, now, before, half
WHERE e.at <= now
WITH e.t AS t, count(e) AS support, max(e.day) AS lastAt,
     sum(e.share * 0.5 ^ ((now - e.at) / half)) AS s,
     sum(CASE WHEN e.at <= before THEN e.share * 0.5 ^ ((before - e.at) / half) ELSE 0.0 END) AS b
WITH t, support, lastAt, s / (s + 2) AS now, b / (b + 2) AS before,
     coalesce(CASE WHEN t:Attribute THEN t.kind WHEN t:Topic THEN 'Topic'
                   WHEN t:Aspect THEN 'Aspect' END, 'Entity') AS kind
ORDER BY CASE WHEN now > before THEN now ELSE before END DESC, coalesce(t.name, t.label)
WITH kind, collect({name: coalesce(t.name, t.label), now: now, before: before,
                    support: support, lastAt: lastAt})[..$perKind] AS best
UNWIND best AS b
RETURN kind,
       b.name AS name,
       b.now AS now,
       b.before AS before,
       b.now - b.before AS change,
       b.support AS support,
       b.lastAt AS lastAt
ORDER BY kind, now DESC, name
