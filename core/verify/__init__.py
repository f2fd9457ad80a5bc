"""Prove: what a decision would have done, or would do, when the market moves."""
