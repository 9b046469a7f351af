// read/named_things: what goes by one of some names: people, items, aspects, topics, attributes, their kinds
// access: read
// A topic goes by each part of its label. Item titles and attribute names are compared one by one.
// param keys: list<string> — names as they were written
// param names: list<string> — the same in lower case
// returns label: string — User, Item, Aspect, Topic, Attribute, or Kind for a kind of attribute
// returns key: string — its key; of a kind its name
// returns name: string — what it is called
// returns known: integer — in how many relationships it is, to choose among namesakes
MATCH (u:User)
WHERE u.userId IN $keys
RETURN 'User' AS label, u.userId AS key, u.userId AS name, COUNT { (u)--() } AS known
UNION ALL
MATCH (i:Item)
WHERE i.itemId IN $keys OR toLower(i.title) IN $names
RETURN 'Item' AS label, i.itemId AS key, coalesce(i.title, i.itemId) AS name,
       COUNT { (i)--() } AS known
UNION ALL
MATCH (a:Aspect)
WHERE toLower(a.aspectId) IN $names OR toLower(a.name) IN $names
RETURN 'Aspect' AS label, a.aspectId AS key, a.name AS name, COUNT { (a)--() } AS known
UNION ALL
MATCH (t:Topic)
WHERE t.topicId IN $keys OR any(part IN split(toLower(t.label), ', ') WHERE part IN $names)
RETURN 'Topic' AS label, t.topicId AS key, t.label AS name, COUNT { (t)--() } AS known
UNION ALL
MATCH (a:Attribute)
WHERE a.attributeId IN $keys OR toLower(a.name) IN $names
RETURN 'Attribute' AS label, a.attributeId AS key, a.name AS name, COUNT { (a)--() } AS known
UNION ALL
MATCH (a:Attribute)
WHERE toLower(a.kind) IN $names
RETURN DISTINCT 'Kind' AS label, a.kind AS key, a.kind AS name, 0 AS known
