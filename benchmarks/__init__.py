"""What kgrec costs over the libraries it is made of: `python -m benchmarks` prints the ratios."""
