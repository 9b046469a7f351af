"""The graph as RDF: written, read back, its vocabulary and its shapes."""
