// write/migration_key: a migration is recorded once
// access: write
CREATE CONSTRAINT migration_key IF NOT EXISTS
FOR (n:Migration) REQUIRE n.version IS UNIQUE
