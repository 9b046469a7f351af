// write/keep_lists: the lists of all runs but one will not be whole in the graph any more
// access: write
// param runId: string — the :ModelRun whose lists stay, or null
MATCH (r:ModelRun)
WHERE r.listsThere AND ($runId IS NULL OR r.runId <> $runId)
REMOVE r.listsThere
