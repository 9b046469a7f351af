// write/lease_release: be the only writer no more
// access: write
// param owner: string — who holds the lease
MATCH (l:Lease {leaseId: 'writer', owner: $owner})
DELETE l
