"""The arrays that the core speaks of: numbers, yes-or-no per entry, row numbers, and times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Mask", "Rows", "Times"]

Array = NDArray[np.float64]
"""Numbers: decimals, money or contracts; NaN where a value is missing."""

Mask = NDArray[np.bool_]
"""Yes or no for each entry."""

Rows = NDArray[np.int64]
"""Row numbers, counted from 0."""

Times = NDArray[np.datetime64]
"""Moments in UTC, the close of each bar; NaT where one is missing."""
