// read/check_reasons: places of some users' lists none of whose reasons has evidence; must be empty
// access: read
// The evidence of each kind is that of recommend/why.
// param userIds: list<string> — the users
// returns userId: string — the user
// returns itemId: string — the item
// returns reasons: list<string> — the reasons that were published
:param userIds => ['u-1'];
UNWIND $userIds AS userId
MATCH (u:User {userId: userId})-[r:RECOMMENDED]->(i:Item)
UNWIND CASE WHEN size(coalesce(r.reasons, [])) = 0 THEN [''] ELSE r.reasons END AS reason
WITH u, i, r, split(reason, '|') AS parts, reason
WITH u, i, r, parts[0] AS kind,
     substring(reason, size(parts[0]) + size(coalesce(parts[1], '')) + 2) AS key
WITH u, i, r, collect(CASE kind
  WHEN 'item' THEN EXISTS {
    MATCH (u)-[did:!RECOMMENDED]->(j:Item {itemId: key})
    WHERE coalesce(did.positive, true)
      AND CASE WHEN EXISTS { (i)-[:SIMILAR_TO]-(j) } THEN true ELSE EXISTS {
        MATCH (i)<-[other:!RECOMMENDED]-(v:User)-[one:!RECOMMENDED]->(j)
        WHERE v <> u AND coalesce(one.positive, true) AND coalesce(other.positive, true)
      } END
  }
  WHEN 'aspect' THEN EXISTS {
    (u)-[:INTERESTED_IN]->(:Aspect {aspectId: key})<-[:DESCRIBED_BY]-(i)
  }
  WHEN 'topic' THEN EXISTS {
    (u)-[:INTERESTED_IN]->(:Topic {topicId: key})<-[:DESCRIBED_BY]-(i)
  }
  WHEN 'entity' THEN EXISTS {
    (u)-[:INTERESTED_IN]->(:Entity {entityId: key})<-[:DESCRIBED_BY]-(i)
  }
  WHEN 'attribute' THEN EXISTS {
    (u)-[:INTERESTED_IN]->(:Attribute {attributeId: key})<-[:HAS_ATTRIBUTE]-(i)
  }
  WHEN 'user' THEN EXISTS {
    MATCH (v:User {userId: key})-[liked]->(i)
    WHERE v <> u AND type(liked) <> 'RECOMMENDED' AND coalesce(liked.positive, true)
      AND EXISTS {
        MATCH (u)-[one]->(:Item)<-[other]-(v)
        WHERE type(one) <> 'RECOMMENDED' AND type(other) <> 'RECOMMENDED'
          AND coalesce(one.positive, true) AND coalesce(other.positive, true)
      }
  }
  WHEN 'popular' THEN EXISTS {
    MATCH (:User)-[liked]->(i)
    WHERE i.itemId = key AND type(liked) <> 'RECOMMENDED' AND coalesce(liked.positive, true)
  }
  ELSE false
END) AS live
WHERE none(holds IN live WHERE holds)
RETURN u.userId AS userId, i.itemId AS itemId, r.reasons AS reasons
