// read/near_keys: keys that begin as a mistyped one does, some for each beginning
// access: read
// identifier __LABEL__: label — whose keys
// identifier __KEY__: key — the property that holds them
// param prefixes: list<string> — beginnings of the mistyped key, longest first
// param limit: integer — the most keys for each beginning
// returns key: string — a key that exists
:param prefixes => ['u-1', 'u', ''];
:param limit => 100;
UNWIND $prefixes AS prefix
CALL {
  WITH prefix
  MATCH (n:__LABEL__)
  WHERE n.__KEY__ STARTS WITH prefix
  RETURN n.__KEY__ AS key
  LIMIT $limit
}
RETURN DISTINCT key
