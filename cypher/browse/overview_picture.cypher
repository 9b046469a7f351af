// browse/overview_picture: one example of each kind of relationship, as a picture
// access: read
// returns path: path — start, relationship, end
MATCH path = ()-[r]->()
WITH type(r) AS type, collect(path)[0] AS path
RETURN path
