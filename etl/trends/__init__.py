"""Trends: what is said more, less, better or worse than the months before led one to expect.

`counts` reads the graph in columns, `baseline` and `tails` say what a bucket should have held,
`surges` tests every bucket and controls false discoveries, `alerts` writes what is left.
"""
