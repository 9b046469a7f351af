"""Questions in plain words: a query of the catalogue is chosen and filled in, none is written."""
