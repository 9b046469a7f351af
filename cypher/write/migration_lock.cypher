// write/migration_lock: take the lock if it is free or its owner must be dead
// access: write
// param owner: string — who takes it
// param millis: integer — for how long
// returns owner: string — the owner; no row if another holds it
MERGE (l:MigrationLock {lockId: 'migrations'})
SET l.askedAt = timestamp()  // locks the node, so that what follows reads its latest state
WITH l
WHERE l.owner IS NULL OR l.owner = $owner OR l.until < timestamp()
SET l.owner = $owner, l.until = timestamp() + $millis
RETURN l.owner AS owner
