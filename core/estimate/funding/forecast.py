"""Expected funding: today's rate returns to its recent level, and how fast is learned from its own history.

    level        m_t = sum 0.5^(age / halflife) f / sum 0.5^(age / halflife)              EWMA, ages in settlements
    model        f_{t+1} - m_t = phi (f_t - m_t) + e                                      AR(1) about the level
    persistence  phi = sum (f_{s+1} - m_s)(f_s - m_s) / sum (f_s - m_s)^2, s < t          least squares, in [0, 1)
    forecast     E[f_{t+k}] = m_t + phi^k (f_t - m_t)
    their sum    h m_t + (f_t - m_t) phi (1 - phi^h) / (1 - phi)

Only what was known at t enters m_t and phi. A settlement is one step, however many hours it spans: where the interval
changes (SOL, November 2022) the level follows within a few half-lives. `FundingState` takes in one more settlement in
one step; `walk_forward` says how far the forecast was off on real history, next to the two rules it must beat.

Sources: Hamilton (1994), "Time Series Analysis", ch. 4 (forecasts of an AR(1)); Muth (1960), "Optimal Properties of
Exponentially Weighted Forecasts" (the level).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import as_matrix, as_vector, enough, number
from ...errors import ArgumentError, say
from ...records import dataclass
from ...tolerances import ROUNDING
from ...units import DAYS_PER_YEAR

__all__ = [
    "RULES",
    "FundingState",
    "WalkForward",
    "annual_funding_forecast",
    "funding_forecast",
    "funding_state",
    "walk_forward",
]

LARGEST_PERSISTENCE = 0.999
"""Estimates at or above one would never return to the level; half of a deviation is left after 693 settlements."""

BLOCK_ROWS = 64
"""Rows of the level that one matrix product computes: many enough for BLAS, few enough to stay in cache."""

RULES = ("forecast", "last", "mean")


def funding_forecast(rates: ArrayLike, horizon: int = 3, halflife: float = 21) -> Array:
    """Expected rate of each contract, summed over the next `horizon` settlements.

    Shapes: `rates` (T, N), one row a settlement, oldest first -> (N,). `halflife` in settlements.
    Units: decimals per settlement in, decimals over the horizon out.
    NaN: a blank row is no settlement of that contract and is left out, with a DataWarning; a contract without any
    rate is NaN. One rate is its own forecast.
    Raises ArgumentError (shape, horizon, halflife) and MissingDataError (no rate at all).
    """
    return funding_state(rates, halflife).forecast(horizon)


def annual_funding_forecast(
    rates: ArrayLike, settlements_per_year: ArrayLike = 3 * DAYS_PER_YEAR, horizon: int = 3, halflife: float = 21
) -> Array:
    """The same forecast as a rate a year, (N,), as `premium.expected_return` takes funding.

    Shapes, gaps and errors as in `funding_forecast`; `settlements_per_year` one for all, (N,), or (T, N) where the
    interval changes: each rate is brought to a year at the pace of its own time, so that 0.01 % each 8 hours and
    0.00125 % an hour are one level. ArgumentError for settlements_per_year too.
    """
    block = as_matrix(rates, "rates")
    if np.ndim(settlements_per_year) < 2:
        often = _at_least_none(as_vector(settlements_per_year, "settlements_per_year", block.shape[1]))
        return funding_forecast(block, horizon, halflife) * often / _steps(horizon)
    often = _at_least_none(as_matrix(settlements_per_year, "settlements_per_year"))
    if often.shape != block.shape:
        raise ArgumentError("settlements_per_year must be one number, one a contract, or of the shape of rates")
    return funding_forecast(block * often, horizon, halflife) / _steps(horizon)


@dataclass(frozen=True, eq=False)
class FundingState:
    """What the forecast needs to know of the past: one more settlement costs one step. Each field is (N,).

    last      the latest rate
    level     its exponentially weighted mean
    weight    sum of the weights in it; 0 for a contract that has not settled yet
    products  sum of (next rate - level)(rate - level), the numerator of the persistence
    squares   sum of (rate - level)^2, its denominator
    halflife  in settlements, one for all
    """

    last: Array
    level: Array
    weight: Array
    products: Array
    squares: Array
    halflife: float

    def update(self, rates: ArrayLike) -> FundingState:
        """The state after one more settlement, (N,): the same as that of the longer history.

        NaN: a contract that does not settle stays as it was. Raises ArgumentError (length).
        """
        new = as_vector(rates, "rates", len(self.level))
        settled, known = np.isfinite(new), self.weight > 0
        deviation = np.where(settled & known, _deviation(self.last, self.level), 0.0)
        surprise = np.where(settled & known, new - self.level, 0.0)
        weight = np.where(settled, _decay(self.halflife) * self.weight + 1, self.weight)
        return FundingState(
            last=np.where(settled, new, self.last),
            level=np.where(known, self.level + surprise / np.maximum(weight, 1.0), new),
            weight=weight,
            products=self.products + surprise * deviation,
            squares=self.squares + deviation**2,
            halflife=self.halflife,
        )

    def persistence(self) -> Array:
        """phi of each contract, in [0, 1): 0 where the rate has never left its level."""
        slope = np.divide(self.products, self.squares, out=np.zeros_like(self.squares), where=self.squares > 0)
        return np.clip(slope, 0.0, LARGEST_PERSISTENCE)

    def forecast(self, horizon: int = 3) -> Array:
        """Expected rate summed over the next `horizon` settlements. Raises ArgumentError (horizon)."""
        steps = _steps(horizon)
        phi = self.persistence()
        return steps * self.level + (self.last - self.level) * phi * (1 - phi**steps) / (1 - phi)


def funding_state(rates: ArrayLike, halflife: float = 21) -> FundingState:
    """The state after all settlements of `rates` (T, N). Gaps and errors as in `funding_forecast`."""
    settled, counts = _settlements(rates)
    history = _history(settled, halflife)
    return _at(history, np.maximum(counts - 1, 0), counts > 0)


@dataclass(frozen=True, eq=False)
class WalkForward:
    """How far each of RULES was off when it knew only the past; errors (3, N), decimals over the horizon.

    "last" repeats the latest rate, "mean" takes that of all settlements so far. `forecasts` (N,) counts the instants
    at which each contract was forecast; a contract without any has NaN errors.
    """

    horizon: int
    mean_absolute: Array
    root_mean_square: Array
    forecasts: NDArray[np.int64]


def walk_forward(rates: ArrayLike, horizon: int = 3, halflife: float = 21, first: int = 90) -> WalkForward:
    """Forecast at every settlement from the `first` on, and compare with what the next `horizon` settlements paid.

    Shapes, units and gaps as in `funding_forecast`. Raises ArgumentError (shape, horizon, halflife, first) and
    MissingDataError (no contract has first + horizon settlements).
    """
    steps, start = _steps(horizon), int(number(first, "first", at_least=1))
    settled, counts = _settlements(rates)
    enough(int(counts.max()), start + steps, "rates")
    history = _history(settled, halflife)
    paid = np.vstack([np.zeros(settled.shape[1]), np.cumsum(settled, axis=0)])

    row = np.arange(start - 1, len(settled) - steps)
    known = (row + 1)[:, np.newaxis]
    outcomes = paid[row + 1 + steps] - paid[row + 1]
    answers = (history.forecast(steps)[row], steps * settled[row], steps * paid[row + 1] / known)
    judged = known + steps <= counts
    forecasts = judged.sum(axis=0)
    errors = np.where(judged, np.stack(answers) - outcomes, 0.0)
    with np.errstate(invalid="ignore"):  # 0 / 0 for a contract that was never forecast
        mean_absolute = np.abs(errors).sum(axis=1) / forecasts
        root_mean_square = np.sqrt((errors**2).sum(axis=1) / forecasts)
    return WalkForward(steps, mean_absolute, root_mean_square, forecasts)


def _settlements(rates: ArrayLike) -> tuple[Array, NDArray[np.int64]]:
    """The rates of each contract without its blanks, moved to the top of its column, and how many there are (N,).

    What is below them is zero and means nothing.
    """
    block = as_matrix(rates, "rates")
    present = np.isfinite(block)
    counts = present.sum(axis=0)
    enough(int(counts.max()), 1, "rates")
    if present.all():
        return block, counts
    _say_what_is_blank(counts, len(block))
    order = np.argsort(~present, axis=0, kind="stable")
    return np.take_along_axis(np.where(present, block, 0.0), order, axis=0), counts


def _history(settled: Array, halflife: float) -> FundingState:
    """The state after each row, every field (T, N): row t knows the rows up to t and none after."""
    decay = _decay(halflife)
    weight = np.broadcast_to(_decayed_sums(np.ones((len(settled), 1)), decay), settled.shape)
    level = _decayed_sums(settled, decay) / weight
    deviation, surprise = _deviation(settled[:-1], level[:-1]), settled[1:] - level[:-1]
    none = np.zeros((1, settled.shape[1]))
    return FundingState(
        last=settled,
        level=level,
        weight=weight,
        products=np.vstack([none, np.cumsum(surprise * deviation, axis=0)]),
        squares=np.vstack([none, np.cumsum(deviation**2, axis=0)]),
        halflife=float(halflife),
    )


def _at(history: FundingState, rows: NDArray[np.int64], known: NDArray[np.bool_]) -> FundingState:
    """The state of each contract after its own last row; blank where it has none."""
    column = np.arange(len(rows))

    def pick(values: Array, blank: float) -> Array:
        return np.where(known, values[rows, column], blank)

    return FundingState(
        last=pick(history.last, np.nan),
        level=pick(history.level, np.nan),
        weight=pick(history.weight, 0.0),
        products=pick(history.products, 0.0),
        squares=pick(history.squares, 0.0),
        halflife=history.halflife,
    )


def _deviation(last: Array, level: Array) -> Array:
    deviation = last - level
    return np.where(np.abs(deviation) > ROUNDING * np.abs(level), deviation, 0.0)


def _decayed_sums(values: Array, decay: float) -> Array:
    """Running sums s_t = decay s_{t-1} + x_t down each column, a block of rows at a time."""
    size = min(BLOCK_ROWS, len(values))
    age = np.subtract.outer(np.arange(size), np.arange(size))
    weights = np.where(age >= 0, decay ** np.maximum(age, 0), 0.0)
    fading = decay ** np.arange(1, size + 1)[:, np.newaxis]
    sums = np.empty_like(values)
    carried = np.zeros(values.shape[1])
    for start in range(0, len(values), size):
        rows = values[start : start + size]
        count = len(rows)
        sums[start : start + count] = weights[:count, :count] @ rows + fading[:count] * carried
        carried = sums[start + count - 1]
    return sums


def _decay(halflife: float) -> float:
    """What is left of a weight after one settlement."""
    return float(0.5 ** (1 / number(halflife, "halflife", above=0)))


def _at_least_none(often: Array) -> Array:
    if (often < 0).any():
        raise ArgumentError(f"settlements_per_year is {np.nanmin(often):g}; it must be at least 0")
    return often


def _steps(horizon: int) -> int:
    steps = number(horizon, "horizon", at_least=1)
    if steps != int(steps):
        raise ArgumentError(f"horizon is {steps:g}; it must be a whole number of settlements")
    return int(steps)


def _say_what_is_blank(counts: NDArray[np.int64], rows: int) -> None:
    worst = int(counts.argmin())
    blank = f"rates: blank rows are no settlements, {rows - counts[worst]} of {rows} left out in column {worst + 1}"
    say(blank)
    for column in np.flatnonzero(counts == 0):
        none = f"rates: column {column + 1} holds no rate, so its forecast is missing"
        say(none)
