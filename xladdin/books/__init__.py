"""Workbooks: the protocol that jobs speak, and the closed file that speaks it."""
