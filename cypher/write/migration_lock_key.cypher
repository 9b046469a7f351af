// write/migration_lock_key: there is one migration lock
// access: write
CREATE CONSTRAINT migration_lock_key IF NOT EXISTS
FOR (n:MigrationLock) REQUIRE n.lockId IS UNIQUE
