// read/server: which server this is
// access: read
// returns name: string — the server's component
// returns versions: list<string> — its version, alone in a list
// returns edition: string — community or enterprise
CALL dbms.components() YIELD name, versions, edition
RETURN name, versions, edition
