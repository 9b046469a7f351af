"""`kgrec watch`: files that arrive in a folder, checked, moved to the sources and loaded."""
