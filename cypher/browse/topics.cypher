// browse/topics: the topics of the reviews, most written about first
// access: read
// asked: what topics are there?
// asked: the topics of the reviews
// asked: what are reviews about?
// asked: which subjects do reviews cover?
// returns topicId: string — the topic
// returns label: string — its first words
// returns words: list<string> — top words, heaviest first
// returns reviews: integer — reviews about it
// returns items: integer — items whose reviews are about it
// returns coherence: float — c_npmi of the top words
// returns weak: boolean — texts were too short for topics to be trusted
MATCH (t:Topic)
RETURN t.topicId AS topicId,
       t.label AS label,
       t.words AS words,
       t.reviewCount AS reviews,
       t.itemCount AS items,
       t.coherence AS coherence,
       t.weak AS weak
ORDER BY reviews DESC, topicId
