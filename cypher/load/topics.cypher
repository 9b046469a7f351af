// load/topics: topics of the reviews
// access: write
// param rows: list<map> — topic_id, label, words, word_weights, coherence, distinctness, weak, model_version
// param runId: string — the :EtlRun that writes
UNWIND $rows AS row
MERGE (t:Topic {topicId: row.topic_id})
SET t.label = row.label,
    t.words = row.words,
    t.wordWeights = row.word_weights,
    t.coherence = row.coherence,
    t.distinctness = row.distinctness,
    t.weak = row.weak,
    t.modelVersion = row.model_version,
    t.runId = $runId
