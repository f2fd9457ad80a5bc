"""What is inferred of each contract from its past: pandas and scipy."""
