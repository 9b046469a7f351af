// write/migration_record: remember that a migration was applied
// access: write
// param version: string — its number
// param name: string — its file, without the ending
// param checksum: string — SHA-256 of the file
MERGE (m:Migration {version: $version})
SET m.name = $name, m.checksum = $checksum, m.appliedAt = datetime()
