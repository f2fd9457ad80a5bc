"""What is best within the limits, and what is traded for it: cvxpy over Clarabel."""
