"""Exchanges under the tests: an HTTP server on the loopback that answers in the shapes that the venues document."""
