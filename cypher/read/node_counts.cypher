// read/node_counts: how many nodes there are of each label; one with two labels counts for both
// access: read
// returns label: string — the label
// returns count: integer — how many
MATCH (n)
UNWIND labels(n) AS label
RETURN label, count(*) AS count
ORDER BY label
