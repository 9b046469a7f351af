// browse/overview_picture: one example of each kind of relationship, as a picture
// access: read
// returns path: path — start, relationship, end
MATCH ()-[r]->()
WITH type(r) AS type, collect(r)[0] AS r
MATCH path = ()-[r]->()
RETURN path
