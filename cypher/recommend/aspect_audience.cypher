// recommend/aspect_audience: who cares for an aspect, and how they speak of it
// access: read
// asked: who cares for {aspectId}?
// asked: who likes {aspectId}?
// asked: which people talk about {aspectId}, and how?
// param aspectId: string — the aspect; browse/aspects lists them
// param limit: integer — how many people
// returns userId: string — the user
// returns weight: float — how much the user cares, 0 … 1
// returns sentiment: float — how the user speaks of it, -1 … 1
// returns support: integer — reviews of the user that speak of it
// returns lastAt: datetime — when the last of them was written
:param aspectId => 'sound';
:param limit => 25;
MATCH (:Aspect {aspectId: $aspectId})<-[n:INTERESTED_IN]-(u:User)
RETURN u.userId AS userId,
       n.weight AS weight,
       n.sentiment AS sentiment,
       n.support AS support,
       n.lastAt AS lastAt
ORDER BY weight DESC, userId
LIMIT $limit
