// browse/provenance: which run wrote a thing, or what is between two things, and by what it did
// access: read
// A published or derived relationship leads to its run by runId. Attention lies on relationships
// of the evidence; it is of the run that is published.
// param key: string — key of a user, item, review, attribute, entity, aspect, topic, alert or segment
// param other: string — key of a second one: what is between the two; null: the first one itself
// returns what: string — label, relationship type, or type with its attention
// returns kind: string — EtlRun or ModelRun
// returns runId: string — the run, also the name of its folder
// returns status: string — running, done or failed
// returns finishedAt: datetime — when it ended
// returns codeVersion: string — version of the program, with a hash of its code
// returns dataHash: string — hash of what it read or learned from
// returns etlRunId: string — for a ModelRun: the EtlRun whose facts it learned from
// returns config: string — JSON of its configuration
// returns metrics: string — JSON of the evaluation
// returns artefacts: string — JSON of the files that it left in its folder, with their SHA-256
:param key => 'u-1';
:param other => null;
CALL {
  UNWIND [$key, $other] AS wanted
  CALL (wanted) {
    MATCH (n:User {userId: wanted}) RETURN n
  UNION
    MATCH (n:Item {itemId: wanted}) RETURN n
  UNION
    MATCH (n:Review {reviewId: wanted}) RETURN n
  UNION
    MATCH (n:Attribute {attributeId: wanted}) RETURN n
  UNION
    MATCH (n:Entity {entityId: wanted}) RETURN n
  UNION
    MATCH (n:Aspect {aspectId: wanted}) RETURN n
  UNION
    MATCH (n:Topic {topicId: wanted}) RETURN n
  UNION
    MATCH (n:Alert {alertId: wanted}) RETURN n
  UNION
    MATCH (n:Segment {segmentId: wanted}) RETURN n
  }
  RETURN collect(CASE WHEN wanted = $key THEN n END) AS first,
         collect(CASE WHEN wanted = $other THEN n END) AS second
}
CALL () {
  MATCH (run:ModelRun)
  WHERE run.publishedAt IS NOT NULL AND run.retiredAt IS NULL
  WITH run ORDER BY run.publishedAt DESC
  RETURN collect(run.runId)[0] AS published
}
CALL (first, second, published) {
  WITH first, second WHERE $other IS NULL
  UNWIND first AS n
  RETURN labels(n)[0] AS what, 'EtlRun' AS kind, n.runId AS runId
UNION ALL
  UNWIND first AS n
  UNWIND second AS m
  MATCH (n)-[r]-(m)
  RETURN type(r) AS what,
         CASE WHEN type(r) IN ['RECOMMENDED', 'SIMILAR_TO'] THEN 'ModelRun' ELSE 'EtlRun' END AS kind,
         r.runId AS runId
UNION ALL
  UNWIND first AS n
  UNWIND second AS m
  MATCH (n)-[r]-(m)
  WHERE r.attention IS NOT NULL OR r.attentionBack IS NOT NULL
  RETURN type(r) + ' attention' AS what, 'ModelRun' AS kind, published AS runId
}
WITH DISTINCT what, kind, runId
OPTIONAL MATCH (run:EtlRun|ModelRun {runId: runId})
WHERE kind IN labels(run)
RETURN what, kind, runId,
       run.status AS status,
       run.finishedAt AS finishedAt,
       run.codeVersion AS codeVersion,
       run.dataHash AS dataHash,
       run.etlRunId AS etlRunId,
       run.config AS config,
       run.metrics AS metrics,
       run.artefacts AS artefacts
ORDER BY what, kind
