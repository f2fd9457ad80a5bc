"""The quadratic programme: one plain statement of every choice the desk makes about weights.

minimise  x'Px/2 + q'x   subject to   row_lower <= A x <= row_upper,   lower <= x <= upper
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["QuadraticProgram"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class QuadraticProgram:
    """The data of one programme in n variables and m rows; infinite limits mean none, equal ones an equation.

    `P` is `(n, n)`, symmetric and positive semidefinite (zero for a linear programme); `q`, `lower` and `upper`
    are `(n,)`; `A` is `(m, n)`; `row_lower` and `row_upper` are `(m,)`. No entry is NaN.
    """

    P: Array
    q: Array
    A: Array
    row_lower: Array
    row_upper: Array
    lower: Array
    upper: Array
