// write/dataset: the data set of this graph; the first that comes is remembered
// access: write
// param name: string — the data set that is to be loaded
// returns name: string — the data set that the graph belongs to
MERGE (d:Dataset {datasetId: 'dataset'})
ON CREATE SET d.name = $name
RETURN d.name AS name
