"""The covariance a choice can be made with: as it stands, repaired where it is nearly right, refused where it is not.

Correlations typed with two digits, or put together pair by pair, are often a little inconsistent: some portfolio would
have a variance below zero, and an optimiser would buy exactly that one. The nearest consistent matrix is then as good
as what was typed. One that must change a lot to become consistent says something else than was meant.

Source: Higham, IMA Journal of Numerical Analysis 22 (2002).
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_covariance
from ...errors import ArgumentError, NotConvergedError, say
from ...estimate.covariance.repair import repair_covariance

__all__ = ["usable_covariance"]

NEAR = 0.05
"""Change of the correlations (Frobenius norm) for each contract up to which a repair still means the same matrix."""


def usable_covariance(covariance: ArrayLike, size: int | None = None) -> Array:
    """`covariance` as a symmetric positive semidefinite `(N, N)` matrix; one that nearly is, is repaired.

    A DataWarning tells of the repair. Raises ArgumentError (not square, not symmetric, far from positive semidefinite),
    MissingDataError.
    """
    try:
        return as_covariance(covariance, size)
    except ArgumentError as error:
        repaired = _repaired(covariance, size)
        if repaired is None:
            raise error
        return repaired


def _repaired(covariance: ArrayLike, size: int | None) -> Array | None:
    """The nearest matrix that will do, None where there is none near."""
    try:
        repaired, distance = repair_covariance(covariance)
        usable = as_covariance(repaired, size)
    except (ArgumentError, NotConvergedError):
        return None
    if distance > NEAR * len(usable):
        return None
    say(
        f"covariance is not positive semidefinite; the nearest one that is was taken, its correlations moved by "
        f"{distance:.2g} in all (Frobenius norm)"
    )
    return usable
