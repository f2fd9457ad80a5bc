"""Benchmarks, never part of the tests: `python -m tests.benchmarks [name ...]` prints ours and the peers as ratios."""
