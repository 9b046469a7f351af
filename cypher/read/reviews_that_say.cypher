// read/reviews_that_say: titles and texts of the reviews that have one of these for title or text
// access: read
// param texts: list<string> — what is looked for, whole
// returns title: string — a review's headline
// returns text: string — its text
:param texts => ['Great!'];
MATCH (v:Review)
WHERE v.text IN $texts OR v.title IN $texts
RETURN DISTINCT v.title AS title, v.text AS text
