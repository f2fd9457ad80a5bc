"""What learning is worth, told as it is."""

from __future__ import annotations

from .learn_forecast import learned_table


def main() -> None:
    """Print the tables."""
    learned_table()
