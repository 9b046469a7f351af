// browse/overview: how many nodes of each label and relationships of each type the graph holds
// access: read
// asked: what is in the graph?
// asked: how many nodes and relationships does the graph hold?
// asked: the size of the graph
// asked: how big is the graph?
// returns what: string — node or relationship
// returns name: string — its labels or type
// returns count: integer — how many
CALL {
  MATCH (n)
  UNWIND labels(n) AS name
  RETURN 'node' AS what, name, count(*) AS count
UNION ALL
  MATCH ()-[r]->()
  RETURN 'relationship' AS what, type(r) AS name, count(*) AS count
}
RETURN what, name, count
ORDER BY what, count DESC, name
