"""Watching: what a look at the desk sees, and what has changed since the look before."""
