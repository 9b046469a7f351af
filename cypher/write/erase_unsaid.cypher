// write/erase_unsaid: remove those of some things that no review mentions any more
// access: write
// What outside knowledge names has a source, and stays.
// param keys: list<string> — the things
// identifier __LABEL__: label — Entity or Aspect
// identifier __KEY__: key — its key
// returns key: string — a thing that was removed
UNWIND $keys AS key
MATCH (t:__LABEL__ {__KEY__: key})
WHERE t.source IS NULL AND NOT EXISTS { (t)<-[:MENTIONS]-(:Review) }
DETACH DELETE t
RETURN key
