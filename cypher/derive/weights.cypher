// derive/weights: new weights where the evidence is the same, and a thing's rarity or age is not
// access: write
// param rows: list<map> — end (key), ends: map of the items' or users' keys to weights
// param runId: string — the :EtlRun that derives
// identifier __TYPE__: type — DESCRIBED_BY or INTERESTED_IN
// identifier __START__: label — Item or User
// identifier __START_KEY__: key — its key
// identifier __END__: label — Entity, Aspect, Topic or Attribute
// identifier __END_KEY__: key — its key
UNWIND $rows AS row
MATCH (end:__END__ {__END_KEY__: row.end})<-[r:__TYPE__]-(start:__START__)
WITH r, row.ends[start.__START_KEY__] AS weight
WHERE weight IS NOT NULL
SET r += {weight: weight, runId: $runId}
