// read/snapshot_evidence: what each review speaks of
// access: read
// returns reviewId: string — the review's key
// returns aspects: list<list> — aspectId, count, sentiment
// returns entities: list<list> — entityId, count, sentiment
// returns topics: list<list> — topicId, weight
MATCH (v:Review)
RETURN v.reviewId AS reviewId,
       [(v)-[m:MENTIONS]->(a:Aspect) | [a.aspectId, m.count, m.sentiment]] AS aspects,
       [(v)-[m:MENTIONS]->(e:Entity) | [e.entityId, m.count, m.sentiment]] AS entities,
       [(v)-[h:HAS_TOPIC]->(t:Topic) | [t.topicId, h.weight]] AS topics
