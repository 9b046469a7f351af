// read/dataset: the data set that this graph belongs to, if any was loaded
// access: read
// returns name: string — its name
MATCH (d:Dataset)
RETURN d.name AS name
