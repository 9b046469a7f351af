// read/check_ranks: users whose list does not run 1, 2, … n; must be empty
// access: read
// returns userId: string — the user
// returns ranks: list<integer> — the ranks of the list
MATCH (u:User)-[r:RECOMMENDED]->(:Item)
WHERE r.at = u.listAt
WITH u, count(r) AS places, count(DISTINCT r.rank) AS distinct, min(r.rank) AS first,
     max(r.rank) AS last, collect(r.rank) AS ranks
WHERE first <> 1 OR last <> places OR distinct <> places
RETURN u.userId AS userId, ranks
