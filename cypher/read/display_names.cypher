// read/display_names: names for people of some nodes of one kind
// access: read
// param keys: list<string> — their keys
// identifier __LABEL__: label — Item, Attribute, Aspect or Topic
// identifier __KEY__: key — its key
// returns key: string — the key
// returns name: string — title, name or label, else the key
UNWIND $keys AS key
MATCH (n:__LABEL__ {__KEY__: key})
RETURN key AS key, coalesce(n.title, n.name, n.label, key) AS name
