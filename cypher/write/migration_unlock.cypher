// write/migration_unlock: free the lock
// access: write
// param owner: string — who holds it
MATCH (l:MigrationLock {lockId: 'migrations', owner: $owner})
REMOVE l.owner, l.until
