"""Forgetting a person or a review: in the graph, in every run's folder, in the home folder."""
