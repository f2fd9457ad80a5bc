"""Second moments pair by pair: each over the rows that both contracts have.

    c_ij = sum w x_i x_j / n_ij        n_ij = sum of the weights w of the rows that i and j share

with x about the means of those rows. Without a gap this is the plain covariance, with T in its denominator. With gaps
it need not be positive semidefinite; see `repair`.

Source: Little and Rubin (2019), "Statistical Analysis with Missing Data", ch. 3 (available cases).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ...arrays import Array
from ...records import dataclass
from ...tolerances import ROUNDING_OF_SQUARES

__all__ = ["Pairs"]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Values in a form that makes a moment of all pairs one product of matrices.

    values  (T, N) times the root of the row's weight, 0 where one is missing
    there   (T, N) the root of the row's weight, 0 where the value is missing; None when none is
    shared  (N, N) weight of the rows that each pair shares
    centre  (N,) what was subtracted from the values of each contract
    """

    values: Array
    there: Array | None
    shared: Array
    centre: Array

    @classmethod
    def of(cls, block: Array, weights: Array | None = None, *, centred: bool = True) -> Pairs:
        """The values of `block` (T, N), about each contract's own mean unless not `centred`; `weights` (T,) or ones."""
        roots = np.ones(len(block)) if weights is None else np.sqrt(weights)
        if np.isfinite(block.sum()):
            centre = roots**2 @ block / (roots @ roots) if centred else np.zeros(block.shape[1])
            values = block - centre if centred else block
            if weights is not None:
                values = values * roots[:, np.newaxis]
            return cls(values, None, np.full((block.shape[1],) * 2, roots @ roots), centre)
        present = np.isfinite(block)
        there = present * roots[:, np.newaxis]
        values = np.where(present, block, 0.0)
        shared = there.T @ there
        centre = np.zeros(block.shape[1])
        if centred:
            centre = roots**2 @ values / np.maximum(np.diag(shared), np.finfo(np.float64).tiny)
            values = np.where(present, block - centre, 0.0)
        return cls(values * roots[:, np.newaxis], there, shared, centre)

    def mean(self, left: Array, right: Array) -> Array:
        """Mean of left_i x right_j over the rows that i and j share, (N, N); 0 for a pair that shares none."""
        # NumPy knows the product with its own transpose and computes half of it.
        return np.divide(left.T @ right, self.shared, out=np.zeros_like(self.shared), where=self.shared > 0)

    @cached_property
    def covariance(self) -> Array:
        """About the means of the shared rows, (N, N); symmetric, and zero for a contract that never moves."""
        products = self.mean(self.values, self.values)
        # What is left of equal numbers is rounding, and divided by its deviation it would look like a correlation.
        still = np.diag(products) <= ROUNDING_OF_SQUARES * self.centre**2
        if still.any():
            products[still], products[:, still] = 0.0, 0.0
        if self.there is None:
            return products
        # Each contract is about its own mean, so what is left to subtract is small.
        means = self.mean(self.values, self.there)  # [i, j]: of contract i over the rows that it shares with j
        means[still], means[:, still] = 0.0, 0.0
        return np.asarray(products - means * means.T)

    @property
    def second_moment(self) -> Array:
        """About zero, or about the own mean of each where centred, (N, N)."""
        return self.mean(self.values, self.values)
