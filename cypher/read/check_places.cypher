// read/check_places: the published places of each user, and what the user is interested in
// access: read
// returns userId: string — the user
// returns itemIds: list<string> — of each place, the item
// returns reasons: list<list> — of each place, its reasons as published
// returns interests: list<string> — 'kind|key' of what the user is INTERESTED_IN
MATCH (u:User)
WHERE u.listAt IS NOT NULL AND EXISTS { (u)-[:RECOMMENDED]->(:Item) }
WITH u, u.listAt AS at
WITH u, [(u)-[r:RECOMMENDED]->(i:Item) WHERE r.at = at | [i.itemId, r.reasons]] AS places
RETURN u.userId AS userId,
       [place IN places | place[0]] AS itemIds,
       [place IN places | place[1]] AS reasons,
       [(u)-[:INTERESTED_IN]->(t)
        | CASE WHEN t:Aspect THEN 'aspect|' + t.aspectId
               WHEN t:Topic THEN 'topic|' + t.topicId
               WHEN t:Entity THEN 'entity|' + t.entityId
               ELSE 'attribute|' + t.attributeId END] AS interests
