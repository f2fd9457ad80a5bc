"""The arrays that the core speaks of: numbers, yes-or-no per entry, and row numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Mask", "Rows"]

Array = NDArray[np.float64]
"""Numbers: decimals, money or contracts; NaN where a value is missing."""

Mask = NDArray[np.bool_]
"""Yes or no for each entry."""

Rows = NDArray[np.int64]
"""Row numbers, counted from 0."""
