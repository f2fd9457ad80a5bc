"""Funding: what holding a contract will cost."""
