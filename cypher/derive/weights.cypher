// derive/weights: weigh anew what describes items and interests users, where only shares of items changed
// access: write
// weight = support / (support + 2) · ln(1 + items / itemCount) / ln(1 + items), as the queries
// have it that derive the rest
// param rows: list<map> — key
// param itemTotal: integer — items in the graph
// param runId: string — the :EtlRun that derives
// identifier __LABEL__: label — Entity, Aspect or Attribute
// identifier __KEY__: key — its key
UNWIND $rows AS row
MATCH (t:__LABEL__ {__KEY__: row.key})<-[r:DESCRIBED_BY|INTERESTED_IN]-()
WHERE t.itemCount > 0
SET r.weight = r.support / (r.support + 2.0)
               * log(1 + 1.0 * $itemTotal / t.itemCount) / log(1.0 + $itemTotal),
    r.runId = $runId
