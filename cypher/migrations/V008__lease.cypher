// V008__lease: one writer at a time
CREATE CONSTRAINT lease_key IF NOT EXISTS FOR (n:Lease) REQUIRE n.leaseId IS UNIQUE;
