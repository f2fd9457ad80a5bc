"""The tables that are handed about, by name.

To the type checker they are anything: the stubs of pandas take a cell for any of twenty types, and proving each would
hide what is computed.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Frame", "Matrix", "Series", "Vector"]

Frame = Any
"""A pandas DataFrame."""

Series = Any
"""A pandas Series of numbers, one entry a bar or a contract."""

Vector = Any
"""A numpy array, one entry a contract or a bar."""

Matrix = Any
"""A numpy array of two dimensions."""
