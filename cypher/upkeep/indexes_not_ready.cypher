// Indexes that do not answer (yet): their name and state. Neo4j alone has states.
SHOW INDEXES YIELD name, state
WHERE state <> 'ONLINE'
RETURN name, state
ORDER BY name
