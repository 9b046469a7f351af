// write/lease_take: be the only writer, if nobody is or whoever was must be dead
// access: write
// param owner: string — a random key of who asks
// param gone: string — the owner who is known to be dead, or null
// param host: string — name of the machine that asks
// param machine: string — what tells machines apart
// param pid: integer — process that asks
// param born: integer — that machine's ticks when the process began; tells it from a later one
// param startedAt: integer — epoch milliseconds when it began
// param millis: integer — for how long it takes the lease
// returns owner: string — who holds it now
// returns host: string — name of its machine
// returns machine: string — what tells that machine from others
// returns pid: integer — its process
// returns born: integer — that machine's ticks when the process began
// returns startedAt: integer — epoch milliseconds when it began
// returns millisLeft: integer — after so long another may take it
MERGE (l:Lease {leaseId: 'writer'})
SET l.askedAt = timestamp()  // locks the node, so that what follows reads its latest state
WITH l, l.owner IS NULL OR l.owner IN [$owner, $gone] OR l.until < timestamp() AS free
SET l += CASE WHEN free THEN {
  owner: $owner,
  host: $host,
  machine: $machine,
  pid: $pid,
  born: $born,
  startedAt: datetime({epochMillis: $startedAt}),
  until: timestamp() + $millis
} ELSE {} END
RETURN l.owner AS owner,
       l.host AS host,
       l.machine AS machine,
       l.pid AS pid,
       l.born AS born,
       l.startedAt.epochMillis AS startedAt,
       l.until - timestamp() AS millisLeft
