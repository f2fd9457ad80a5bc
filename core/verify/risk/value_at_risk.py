"""Value at risk and expected shortfall of a book, and what each contract brings of them.

With r_t the returns of N contracts in a row, or their sums over `horizon` rows, the losses of a book are l_t = -w'r_t.
Each measure below grows in proportion to the weights, so by Euler's theorem it is the sum of w_i times its slope in
w_i: what that contract brings. The two of history weigh the losses in order, l_(1) <= ... <= l_(T), by constants, so
their slope is the same average of that contract's own losses in the same rows:

    measure = sum_k c_k l_(k)          slope_i = -sum_k c_k r_(k),i

    historical             c_k = I(k / T) - I((k - 1) / T), I the beta law of (T + 1) level and (T + 1) (1 - level)
    shortfall              c_k = 1 / ((1 - level) T) over the worst (1 - level) T rows, the row at the edge by its part
    parametric             z sd(l) + mean(l), z the normal quantile of level
    parametric_shortfall   phi(z) / (1 - level) sd(l) + mean(l)

The quantile of history is thus the average of the losses about it that Harrell and Davis choose: the row that happens
to be the quantile would give contributions of one row's noise. Rows that lose the same share their weights.

Sources: Harrell and Davis, Biometrika 69 (1982); Epperlein and Smillie, Risk 19 (2006), for contributions by weighed
losses in order; Gourieroux, Laurent and Scaillet, Journal of Empirical Finance 7 (2000), that the slope of a quantile
is an expected loss at it; Tasche, Risk contributions and performance measurement (1999), for Euler's; McNeil, Frey and
Embrechts, Quantitative Risk Management (2015), 2.3 and 8.5, for the normal and shortfall.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_matrix, choice, complete_rows, enough, number, numbers, whole
from ...decide.portfolio.cvar import rows_in_tail
from ...decide.portfolio.risk_contribution import RISKLESS
from ...errors import ArgumentError, UndefinedError, say
from ...numeric.incomplete_beta import incomplete_beta
from ...records import dataclass
from ...tolerances import ROUNDING, ROUNDING_OF_SQUARES

__all__ = ["METHODS", "ValueAtRisk", "overlapping_sums", "value_at_risk"]

METHODS = ("historical", "parametric", "shortfall", "parametric_shortfall")

FEWEST_ROWS = 2
"""A deviation takes two."""

LOWEST_LEVEL = 0.5
"""A level below one half looks at gains: it is the other side of the level that was meant."""


@dataclass(frozen=True)
class ValueAtRisk:
    """A measure of loss, as a share of equity (positive = loss), and what each of N contracts brings of it.

    total       the measure, the sum of the components
    weight      (N,) as given
    marginal    (N,) change of the measure for a unit more of a weight; NaN for a contract that is not held and lacks
                a row of those looked at
    component   (N,) weight x marginal; 0 for a contract that is not held
    share       (N,) component / total; NaN where the components cancel to nothing
    rows        how many were looked at
    """

    total: float
    weight: Array
    marginal: Array
    component: Array
    share: Array
    rows: int

    @property
    def totals(self) -> tuple[float | str, ...]:
        """The last row of a list of the contracts: weight, marginal, component, share."""
        return float(self.weight.sum()), "", self.total, math.nan if np.isnan(self.share).any() else 1.0


def value_at_risk(
    weights: ArrayLike, returns: ArrayLike, level: float = 0.95, method: str = "historical", horizon: int = 1
) -> ValueAtRisk:
    """The loss that is not exceeded with probability `level`, or the mean loss beyond it, and who brings it.

    Shapes: `weights` `(N,)`, notional / equity; `returns` `(T, N)` simple, per row; a contract that is held and missing
    in a row (NaN) takes that row out, with a DataWarning. `level` is at least 0.5 and below 1. `horizon` in rows: sums
    of as many rows, overlapping. A DataWarning says where the tail holds less than one stretch of rows of its own.
    Raises ArgumentError (lengths, level, method, horizon), MissingDataError (too few rows) and UndefinedError (no
    position, or no variance for the parametric methods).
    """
    held = numbers(weights, "weights")
    table = as_matrix(returns, "returns")
    if table.shape[1] != held.size:
        raise ArgumentError(f"returns has {table.shape[1]} columns where {held.size} are needed, one for each weight")
    level = number(level, "level", at_least=LOWEST_LEVEL, below=1)
    method = choice(method, "method", METHODS)
    horizon = whole(horizon, "horizon", at_least=1)
    if not held.any():
        raise UndefinedError("weights are all 0, so there is nothing to lose; enter a position")
    enough(len(table), horizon + FEWEST_ROWS - 1, "returns")
    sums = overlapping_sums(table, horizon)
    of_held = np.where(held != 0, sums, 0.0)
    enough(int(np.isfinite(of_held).all(axis=1).sum()), FEWEST_ROWS, "returns")
    sums = sums[complete_rows(of_held, "returns" if horizon == 1 else f"returns over {horizon} rows")]
    if method.startswith("parametric"):
        marginal = _of_the_normal(held, sums, _deviations(method, level))
    else:
        _say_short_tail(len(sums) / horizon, level)
        marginal = _of_history(held, sums, _weights_in_order(method, len(sums), level))
    component = np.where(held != 0, held * marginal, 0.0)
    total = float(component.sum())
    cancels = abs(total) <= ROUNDING * float(np.abs(component).sum())
    share = np.full(held.size, np.nan) if cancels else component / total
    return ValueAtRisk(total, held, marginal, component, share, len(sums))


def overlapping_sums(returns: Array, horizon: int) -> Array:
    """Sums of `horizon` rows in a row, `(T - horizon + 1, N)`; NaN where one of them is.

    By doubling: a sum of 2 k rows is two of k rows, so nothing is ever subtracted and no bad row leaves a trace in
    sums that do not hold it.
    """
    found, length = returns, 1
    for bit in f"{horizon:b}"[1:]:
        found, length = found[: len(found) - length] + found[length:], 2 * length
        if bit == "1":
            found, length = found[:-1] + returns[length : length + len(found) - 1], length + 1
    return found


def _of_history(held: Array, sums: Array, in_order: Array) -> Array:
    """Marginals `(N,)`: the average of each contract's losses, rows weighed by the place of the book's loss."""
    book = np.where(held != 0, sums, 0.0) @ held
    worst_first = np.argsort(book, kind="stable")
    ordered = book[worst_first]
    same = ROUNDING * _largest(held, sums)
    groups = np.concatenate([[0], np.cumsum(np.diff(ordered) > same)])
    shared = np.bincount(groups, in_order) / np.bincount(groups)
    return np.asarray(-shared[groups] @ sums[worst_first])


def _largest(held: Array, sums: Array) -> float:
    """The largest loss that could be if each contract had its largest at once: what roundings are measured by."""
    return float(np.abs(held) @ np.abs(np.where(held != 0, sums, 0.0)).max(axis=0))


def _weights_in_order(method: str, rows: int, level: float) -> Array:
    """What each loss counts, the worst first, `(T,)`, sum 1."""
    if method == "shortfall":
        count, wholly = rows_in_tail(rows, level)
        counted = np.clip(count - np.arange(rows), 0.0, 1.0)
        counted[:wholly] = 1.0
        return np.asarray(counted / counted.sum())
    edges = np.arange(rows + 1) / rows
    # From the worst end, where the tail is: the distribution of 1 - x has its parameters the other way round.
    return np.diff(incomplete_beta((rows + 1) * (1 - level), (rows + 1) * level, edges))


def _deviations(method: str, level: float) -> float:
    """How many standard deviations beyond the mean."""
    normal = NormalDist()
    quantile = normal.inv_cdf(level)
    return quantile if method == "parametric" else normal.pdf(quantile) / (1 - level)


def _of_the_normal(held: Array, sums: Array, deviations: float) -> Array:
    """Marginals `(N,)` of a normal distribution with the means and covariances of the rows."""
    means = sums.mean(axis=0)
    apart = sums - means
    book = np.where(held != 0, apart, 0.0) @ held
    swings = np.where(held != 0, np.abs(held) * np.sqrt((apart**2).mean(axis=0)), 0.0)
    variance = float(book @ book) / (len(book) - 1)
    if not variance > max(RISKLESS * float(swings.sum()) ** 2, ROUNDING_OF_SQUARES * _largest(held, sums) ** 2):
        raise UndefinedError("weights and returns give a book without variance: there is no risk to share out")
    covariances = book @ apart / (len(book) - 1)
    return np.asarray(-means + deviations * covariances / math.sqrt(variance))


def _say_short_tail(stretches: float, level: float) -> None:
    beyond = (1 - level) * stretches
    if beyond < 1:
        say(
            f"level {level:g} looks at the worst {1 - level:.3g} of {stretches:.4g} stretches that do not overlap, "
            "less than one of them; take more rows, a lower level or a shorter horizon"
        )
