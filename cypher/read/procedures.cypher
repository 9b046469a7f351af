// read/procedures: which of the procedures that some queries need the server has
// access: read
// param prefixes: list<string> — what their names begin with
// returns names: list<string> — the procedures
SHOW PROCEDURES YIELD name
WHERE any(prefix IN $prefixes WHERE name STARTS WITH prefix)
RETURN collect(name) AS names
