// read/label_degrees: how many nodes each label has, and how well they are connected
// access: read
// returns label: string — the label
// returns nodes: integer — nodes that carry it
// returns degree: float — relationships of a node, on average
// returns titled: float — share of nodes that have a title
MATCH (n)
WITH n, COUNT { (n)--() } AS degree
UNWIND labels(n) AS label
RETURN label,
       count(*) AS nodes,
       avg(1.0 * degree) AS degree,
       avg(CASE WHEN n.title IS NULL THEN 0.0 ELSE 1.0 END) AS titled
ORDER BY label
