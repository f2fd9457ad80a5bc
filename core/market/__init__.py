"""Observe: prices and funding on one clock, total returns, contract P&L, and the margin of an account."""
