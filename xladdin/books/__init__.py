"""Workbooks: the protocol that every job works on, and the file, the lock and the one-step replacement behind it."""
