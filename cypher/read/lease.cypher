// read/lease: who may write now
// access: read
// returns host: string — name of the machine
// returns pid: integer — the process
// returns startedAt: integer — epoch milliseconds when it began
// returns millisLeft: integer — after so long another may take the lease
MATCH (l:Lease)
RETURN l.host AS host,
       l.pid AS pid,
       l.startedAt.epochMillis AS startedAt,
       l.until - timestamp() AS millisLeft
