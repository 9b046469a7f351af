// browse/strongest_attention: where the model looked when it made up a user's vector
// access: read
// asked: what did the model look at for {userId}?
// asked: where is the attention of the model strongest for {userId}?
// asked: what did the model pay attention to for {userId}?
// Attention back along what the user did: how much each item's message counted for the user.
// param userId: string — the user
// param limit: integer — how many
// returns relationship: string — what the user did
// returns thing: string — the item or other thing
// returns attentionBack: float — attention of the thing's message to the user
// returns attention: float — attention of the user's message to the thing
:param userId => 'u-1';
:param limit => 25;
MATCH (u:User {userId: $userId})-[r]->(t)
WHERE r.attentionBack IS NOT NULL
RETURN type(r) AS relationship,
       coalesce(t.title, t.name, t.label, t.itemId) AS thing,
       r.attentionBack AS attentionBack,
       r.attention AS attention
ORDER BY attentionBack DESC, thing
LIMIT $limit
