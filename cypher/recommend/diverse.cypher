// recommend/diverse: a user's list re-ranked so that no attribute of one kind comes too often
// access: read
// asked: a diverse list for {userId} by {kind}
// asked: recommend different {kind} to {userId}
// asked: recommendations for {userId} with not too many of the same {kind}
// asked: a varied list for {userId} that does not repeat a {kind}
// Each place keeps its order; an item moves back behind the others once `most` better ones share
// one of its attributes of this kind (a brand, a director).
// param userId: string — the user
// param kind: string — the kind of attribute
// param most: integer — how many with the same one may stand in front
// param limit: integer — how many
// returns itemId: string — the item
// returns title: string — its name
// returns rank: integer — place on the published list
// returns before: integer — better items that share an attribute of this kind
// returns attributes: list<string> — the item's attributes of this kind
:param userId => 'u-1';
:param kind => 'Genre';
:param most => 2;
:param limit => 10;
MATCH (u:User {userId: $userId})
WITH u, u.listAt AS at
MATCH (u)-[r:RECOMMENDED {at: at}]->(i:Item)
WITH u, r, i, COLLECT {
  MATCH (i)-[:HAS_ATTRIBUTE]->(a:Attribute {kind: $kind}) RETURN a.name ORDER BY a.name
} AS attributes
WITH r.rank AS rank, i, attributes ORDER BY rank
WITH collect({rank: rank, item: i, attributes: attributes}) AS places
UNWIND places AS place
WITH place, reduce(n = 0, other IN places |
  n + CASE WHEN other.rank < place.rank
            AND any(a IN other.attributes WHERE a IN place.attributes) THEN 1 ELSE 0 END
) AS before
WITH place.item AS i, place.rank AS rank, place.attributes AS attributes, before
RETURN i.itemId AS itemId,
       coalesce(i.title, i.itemId) AS title,
       rank,
       before,
       attributes
ORDER BY CASE WHEN before < $most THEN 0 ELSE 1 END, rank
LIMIT $limit
