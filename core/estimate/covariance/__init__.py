"""Covariance: which contracts move together, and how much."""
