// write/try_writing: whether one may write: makes a node and takes it away again
// access: write
// returns written: boolean — true
CREATE (n:Checkpoint)
DELETE n
RETURN true AS written
