// write/lease_renew: go on as the only writer
// access: write
// param owner: string — who holds the lease
// param millis: integer — for how long from now
// returns owner: string — the owner; no row if the lease is another's, or gone
MATCH (l:Lease {leaseId: 'writer', owner: $owner})
SET l.until = timestamp() + $millis
RETURN l.owner AS owner
