"""Prove: what a book survives, on its way through scenarios, the past and days that have not happened."""
