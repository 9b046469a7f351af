"""What `kgrec serve` answers over HTTP: reading only, by the queries that everybody can use."""
