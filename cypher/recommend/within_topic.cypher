// recommend/within_topic: what of a user's list is about a topic
// access: read
// asked: what about {topicId} do you recommend to {userId}?
// asked: items for {userId} that are about {topicId}
// asked: which of the recommendations for {userId} have to do with {topicId}?
// The list comes first, so that a server does not begin at all that shares the topic.
// param userId: string — the user
// param topicId: string — the topic; browse/topics lists them
// param limit: integer — how many
// returns rank: integer — place on the whole list
// returns itemId: string — the item
// returns title: string — its name
// returns score: float — the model's score
// returns share: float — the topic's share of what people write about the item
// returns topic: string — the topic's label
:param userId => 'u-1';
:param topicId => 't-1';
:param limit => 10;
MATCH (u:User {userId: $userId})
WITH u, u.listAt AS at
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item)
WITH r, i
MATCH (i)-[d:DESCRIBED_BY]->(t:Topic)
WHERE t.topicId = $topicId
RETURN r.rank AS rank,
       i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       r.score AS score,
       d.weight AS share,
       t.label AS topic
ORDER BY rank
LIMIT $limit
