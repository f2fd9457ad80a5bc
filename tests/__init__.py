"""Tests mirror the packages: tests/core/market/test_returns.py looks at core/market/returns.py."""
