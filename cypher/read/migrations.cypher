// read/migrations: the migrations that this graph has had
// access: read
// returns version: string — its number
// returns name: string — its file, without the ending
// returns checksum: string — SHA-256 of the file
MATCH (m:Migration)
RETURN m.version AS version, m.name AS name, m.checksum AS checksum
ORDER BY version
