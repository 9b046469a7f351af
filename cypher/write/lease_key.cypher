// write/lease_key: there is one lease
// access: write
CREATE CONSTRAINT lease_key IF NOT EXISTS
FOR (n:Lease) REQUIRE n.leaseId IS UNIQUE
