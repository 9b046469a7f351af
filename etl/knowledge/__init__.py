"""Outside knowledge as others publish it, made ready for the `triples` source."""
