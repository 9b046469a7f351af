// read/still_there: which of some things there are
// access: read
// param keys: list<string> — the things
// identifier __LABEL__: label — Entity or Aspect
// identifier __KEY__: key — its key
// returns key: string — one that there is
UNWIND $keys AS key
MATCH (t:__LABEL__ {__KEY__: key})
RETURN key
