// derive/relationships: what items are described by, or users interested in, of one kind
// access: write
// What they mean and the formulas: docs/interests.md, etl/aggregates.py. Attention stays.
// The node's relationships are walked once for those that are there, where MERGE would search all
// of them for each; and what is made is made whole, which is twice as fast as SET after it.
// param rows: list<map> — start (key), ends: map of key to support, sentiment, weight, firstAt and lastAt (epoch ms), born: keys of those that are new
// param runId: string — the :EtlRun that derives
// identifier __TYPE__: type — DESCRIBED_BY or INTERESTED_IN
// identifier __START__: label — Item or User
// identifier __START_KEY__: key — its key
// identifier __END__: label — Entity, Aspect, Topic or Attribute
// identifier __END_KEY__: key — its key
UNWIND $rows AS row
MATCH (start:__START__ {__START_KEY__: row.start})
CALL (start, row) {
  MATCH (start)-[r:__TYPE__]->(end:__END__)
  WITH r, end.__END_KEY__ AS key, row.ends[end.__END_KEY__] AS new
  WHERE new IS NOT NULL
  SET r += {
    support: new.support,
    sentiment: new.sentiment,
    weight: new.weight,
    firstAt: CASE WHEN new.firstAt IS NOT NULL THEN datetime({epochMillis: new.firstAt}) END,
    lastAt: CASE WHEN new.lastAt IS NOT NULL THEN datetime({epochMillis: new.lastAt}) END,
    runId: $runId
  }
  RETURN collect(key) AS known
}
UNWIND [key IN row.born WHERE NOT key IN known] AS key
MATCH (end:__END__ {__END_KEY__: key})
WITH start, end, row.ends[key] AS new
CREATE (start)-[:__TYPE__ {
  support: new.support,
  sentiment: new.sentiment,
  weight: new.weight,
  firstAt: CASE WHEN new.firstAt IS NOT NULL THEN datetime({epochMillis: new.firstAt}) END,
  lastAt: CASE WHEN new.lastAt IS NOT NULL THEN datetime({epochMillis: new.lastAt}) END,
  runId: $runId
}]->(end)
