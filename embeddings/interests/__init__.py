"""What users care about: interests as a matrix, smoothed profiles, and groups of people."""
