"""Limits: what a book may be, and why it cannot."""
