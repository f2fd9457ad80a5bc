"""GARCH(1,1): volatility that clusters, dies down and comes back.

    r_t = mu + e_t        h_t = omega + alpha e_{t-1}^2 + beta h_{t-1}        h_0 = e_0^2 = mean e_t^2

    persistence    p = alpha + beta; a shock to variance has halved after ln 2 / -ln p bars
    long run       omega / (1 - p), only where p < 1 and omega is not at its bound, next to 0
    forecast       E h_{T+k} = omega (1 + p + ... + p^{k-2}) + p^{k-1} h_{T+1}

The parameters maximise the Gaussian likelihood, which is right for the variance even where returns are not normal
(quasi maximum likelihood). Standard errors: "hessian", from the inverse of H, right for normal returns; "robust", from
H^{-1} (sum s_t s_t') H^{-1} with the scores s_t, right for others too.

The likelihood may have several maxima. Newton's method climbs from thirteen starting points at once, and the highest
maximum is the answer. The search keeps to p <= 1.

Sources: Bollerslev (1986); Bollerslev and Wooldridge (1992) (robust errors); Fiorentini, Calzolari and Panattoni (1996)
(derivatives and start of the recursion), the benchmark of McCullough and Renfro (1999) and Brooks, Burke and Persand
(2001).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import as_matrix, choice, complete_rows, enough, number, whole
from ...errors import MissingDataError, NotConvergedError, SolveError, UndefinedError, say
from ...numeric.newton import Index, minimise
from ...numeric.one_thread import one_thread
from ...numeric.recursion import decayed
from ...records import dataclass
from ...tolerances import ROUNDING_OF_SQUARES
from .garch_arrays import Derivatives, score_products
from .garch_loops import Kernel, kernel_for

__all__ = ["FEWEST_ROWS", "STANDARD_ERRORS", "GarchFit", "garch", "term_structure"]

STANDARD_ERRORS = ("hessian", "robust")

FEWEST_ROWS = 50
"""Complete rows below which four parameters cannot be told apart."""

LONGEST_HORIZON = 1_000_000
"""Bars ahead: more than a century of hours."""

# The search runs over mu, omega, p = alpha + beta and w = alpha / p, so that stationarity is a bound like the others;
# in units of the series' own standard deviation.
LOWER, UPPER = np.array([-np.inf, 1e-10, 0.0, 0.0]), np.array([np.inf, np.inf, 1.0, 1.0])
NO_CLUSTERING = np.array([0.0, 1.0, 0.0, 0.0])
STARTS = (
    *((0.05, 0.90), (0.10, 0.85), (0.02, 0.97), (0.20, 0.75), (0.10, 0.60), (0.30, 0.30)),
    *((0.05, 0.50), (0.10, 0.00), (0.02, 0.80), (0.05, 0.10), (0.02, 0.30), (0.60, 0.10), (0.02, 0.00)),
)
"""Pairs of alpha and beta to start from; the last one finds what clusters slightly in all but independent days."""

CONVERGED = 1e-10
"""Newton decrement of an accepted maximum: the parameters are within 1e-5 standard errors of it."""

TOGETHER = 250_000
"""Returns of as many contracts as are fitted side by side."""

SAME = 1e-12
"""Difference of likelihoods, as a share of them, between two climbs of one maximum."""

LEAST_GAIN = 1e-7
"""Gain of log-likelihood over a constant variance that is read as none."""


@dataclass(frozen=True, eq=False)
class GarchFit:
    """One fit a contract, each field (N,); mu and omega per bar, volatilities annualised.

    volatility_now is that of the next bar, volatility_horizon the root of the mean variance of the next `horizon` bars,
    volatility_long_run where it tends to. NaN is a figure that does not exist: the standard error of a parameter on its
    bound, a long run without stationarity or with omega on its bound, everything of a contract that has no fit.
    """

    mu: Array
    omega: Array
    alpha: Array
    beta: Array
    persistence: Array
    log_likelihood: Array
    se_mu: Array
    se_omega: Array
    se_alpha: Array
    se_beta: Array
    volatility_now: Array
    volatility_horizon: Array
    volatility_long_run: Array


def garch(
    returns: ArrayLike, horizon: int = 1, periods_per_year: float = 1, standard_errors: str = "hessian"
) -> GarchFit:
    """GARCH(1,1) with constant mean for each contract.

    Shapes: (T, N) -> fields (N,). Units: decimals per bar in; volatilities x the root of `periods_per_year`.
    `horizon` in bars; `standard_errors` one of STANDARD_ERRORS.
    NaN: rows in which a contract is missing are dropped for it, with a DataWarning. A contract that cannot be fitted
    is NaN, with a DataWarning, unless none can be. A DataWarning also says where alpha + beta = 1 or omega is next to 0
    (no long run), where no clustering is found (then alpha = beta = 0) and where a parameter stands on its bound.
    Raises ArgumentError (shape, horizon, periods_per_year, standard_errors), MissingDataError (fewer than FEWEST_ROWS
    rows), UndefinedError (constant returns), NotConvergedError (no maximum found).
    """
    block = as_matrix(returns, "returns")
    bars = whole(horizon, "horizon", at_least=1, at_most=LONGEST_HORIZON)
    scale = number(periods_per_year, "periods_per_year", above=0)
    robust = choice(standard_errors, "standard_errors", STANDARD_ERRORS) == "robust"
    kernel = kernel_for(block.size, block.shape[1])

    contracts: dict[int, _Series] = {}
    failures: list[MissingDataError | SolveError] = []
    for column, returns_of_one in enumerate(block.T):
        name = "returns" if block.shape[1] == 1 else f"returns, column {column + 1}"
        try:
            contracts[column] = _Series.of(returns_of_one, name)
        except (MissingDataError, SolveError) as error:
            failures.append(error)
    figures = np.full((len(fields(GarchFit)), block.shape[1]), np.nan)
    with one_thread(len(block)):  # products of some microseconds, thousands of them
        fits = _fits(kernel, list(contracts.values()))
    for (column, series), fit in zip(contracts.items(), fits, strict=True):
        try:
            figures[:, column] = _figures(series, fit, bars, scale, robust)
        except SolveError as error:
            failures.append(error)
    if len(failures) == block.shape[1]:
        raise failures[0]
    for failure in failures:
        say(str(failure))
    return GarchFit(*figures)


def term_structure(omega: float, persistence: float, next_variance: float, horizon: int) -> Array:
    """Mean variance per bar of the next 1, 2, ..., `horizon` bars, `(horizon,)`, from that of the next one."""
    inputs = np.full(horizon, omega)
    inputs[0] = next_variance
    path = decayed(inputs, persistence, 0.0)
    return np.asarray(np.cumsum(path) / np.arange(1, horizon + 1))


@dataclass(frozen=True, eq=False)
class _Series:
    """The complete rows of a contract, as its mean, its standard deviation and what they leave `(T,)`.

    Standardised, hourly variances of 1e-6 are no harder to fit than any other.
    """

    name: str
    centre: float
    deviation: float
    standardised: Array

    @classmethod
    def of(cls, returns: Array, name: str) -> _Series:
        """Raises MissingDataError (too few rows), UndefinedError (constant returns)."""
        rows = returns[complete_rows(returns[:, np.newaxis], name)]
        enough(rows.size, FEWEST_ROWS, name)
        centre, deviation = float(rows.mean()), float(rows.std())
        if deviation**2 <= ROUNDING_OF_SQUARES * float(np.mean(rows**2)):
            raise UndefinedError(
                f"{name}: all values are the same, so there is no GARCH; choose a contract that trades"
            )
        return cls(name, centre, deviation, (rows - centre) / deviation)


@dataclass(frozen=True, eq=False)
class _Fit:
    """Where the likelihood of one contract is highest, and what it is there, by mu, omega, p and w."""

    point: Array
    value: float
    hessian: Array
    next_variance: float
    free: Mask
    decrement: float

    @property
    def clusters(self) -> bool:
        """Whether returns move the variance at all: with alpha = 0 it drifts from its start, whatever they do."""
        return bool(self.point[2] > 0 and self.point[3] > 0)

    @property
    def omega_on_bound(self) -> bool:
        """Whether omega is as small as the search lets it be."""
        return bool(self.point[1] <= LOWER[1])


def _figures(series: _Series, fit: _Fit, horizon: int, periods: float, robust: bool) -> list[float]:
    """The fields of GarchFit for one contract, in their order."""
    if fit.decrement > CONVERGED:
        raise NotConvergedError(
            f"{series.name}: no maximum of the GARCH likelihood was found; look for bad ticks or stale prices"
        )
    _say_what_is_special(series.name, fit)
    deviation = series.deviation
    units = np.array([deviation, deviation**2, 1.0, 1.0])
    parameters = _parameters(fit.point)
    mu, omega, alpha, beta = (parameters * units).tolist()
    persistence = float(fit.point[2])
    outer = score_products(parameters, series.standardised) if robust else None
    errors = _standard_errors(fit, outer) * units

    next_variance = fit.next_variance * deviation**2
    ahead = float(term_structure(omega, persistence, next_variance, horizon)[-1])
    long_run = omega / (1 - persistence) if persistence < 1 and not fit.omega_on_bound else np.nan
    log_likelihood = -fit.value - series.standardised.size * math.log(deviation)
    volatilities = np.sqrt(np.array([next_variance, ahead, long_run]) * periods)
    figures = [mu + series.centre, omega, alpha, beta, persistence, log_likelihood]
    return [*figures, *errors.tolist(), *volatilities.tolist()]


def _fits(kernel: Kernel, contracts: Sequence[_Series]) -> list[_Fit]:
    """The best fit of each contract; those with as many rows are fitted side by side."""
    fits: dict[int, _Fit] = {}
    by_length: dict[int, list[int]] = {}
    for place, series in enumerate(contracts):
        by_length.setdefault(series.standardised.size, []).append(place)
    for length, places in by_length.items():
        several = max(TOGETHER // length, 1)
        for first in range(0, len(places), several):
            few = places[first : first + several]
            fits.update(
                zip(few, _best(kernel, np.array([contracts[place].standardised for place in few])), strict=True)
            )
    return [fits[place] for place in range(len(contracts))]


def _best(kernel: Kernel, returns: Array) -> list[_Fit]:
    """The best maximum for standardised returns `(n, T)`; a constant variance where clustering gains nothing."""
    room = kernel.room(returns, len(returns) * len(STARTS))

    def likelihood(points: Array, contract: Index) -> Array:
        return kernel.likelihood(_parameters(points), returns, contract, room)

    def slope(points: Array, contract: Index) -> Derivatives:
        plain = kernel.derivatives(_parameters(points), returns, contract, room)
        turn = _jacobian(points)
        back = turn.transpose(0, 2, 1)
        hessian = back @ plain.hessian @ turn
        # The second derivatives of alpha and beta by p and w are 1 and -1.
        bend = plain.gradient[:, 2] - plain.gradient[:, 3]
        hessian[:, 2, 3] += bend
        hessian[:, 3, 2] += bend
        gradient = (back @ plain.gradient[..., np.newaxis])[..., 0]
        return Derivatives(plain.value, gradient, hessian, plain.next_variance)

    count, each = len(returns), np.arange(len(returns))
    starts = np.array([(0.0, 1 - alpha - beta, alpha + beta, alpha / (alpha + beta)) for alpha, beta in STARTS])
    found = minimise(likelihood, slope, np.repeat(starts[np.newaxis], count, axis=0), LOWER, UPPER)
    constant = slope(np.repeat(NO_CLUSTERING[np.newaxis], count, axis=0), each)
    fits = []
    for contract in range(count):
        climbs = range(contract * len(STARTS), (contract + 1) * len(STARTS))
        highest = _highest(
            [_Fit(found.points[k], *_of(found.slopes, k), found.free[k], float(found.decrement[k])) for k in climbs]
        )
        if not highest.clusters or highest.value > constant.value[contract] - LEAST_GAIN:
            held = np.array([True, True, False, False])
            highest = _Fit(NO_CLUSTERING, *_of(constant, contract), held, 0.0)
        fits.append(highest)
    return fits


def _highest(climbs: Sequence[_Fit]) -> _Fit:
    """Where the climb that came nearest to the highest maximum ended; one that did not converge only where none did."""

    def kind(fit: _Fit) -> tuple[bool, bool]:
        return fit.decrement > CONVERGED, not fit.clusters

    best = min(climbs, key=lambda fit: (*kind(fit), fit.value))
    alike = [fit for fit in climbs if kind(fit) == kind(best) and fit.value <= best.value + SAME * abs(best.value)]
    return min(alike, key=lambda fit: fit.decrement)


def _of(slopes: Derivatives, place: int) -> tuple[float, Array, float]:
    """Value, Hessian and next variance of one of several."""
    return float(slopes.value[place]), slopes.hessian[place], float(slopes.next_variance[place])


def _parameters(points: Array) -> Array:
    """mu, omega, alpha and beta from mu, omega, p and w, `(..., 4)`."""
    p, w = points[..., 2], points[..., 3]
    found = points.copy()
    found[..., 2], found[..., 3] = p * w, p * (1 - w)
    return found


def _jacobian(points: Array) -> Array:
    """Of those by these, `(..., 4, 4)`."""
    p, w = points[..., 2], points[..., 3]
    turn = np.zeros((*points.shape, 4))
    turn[..., 0, 0] = turn[..., 1, 1] = 1.0
    turn[..., 2, 2], turn[..., 2, 3], turn[..., 3, 2], turn[..., 3, 3] = w, p, 1 - w, -p
    return turn


def _standard_errors(fit: _Fit, outer: Array | None = None) -> Array:
    """Of mu, omega, alpha and beta, (4,), NaN for those on a bound; robust ones with `outer`, of the same four."""
    turn = _jacobian(fit.point)[:, fit.free]
    covariance = np.linalg.inv(fit.hessian[np.ix_(fit.free, fit.free)])
    if outer is not None:
        covariance = covariance @ (turn.T @ outer @ turn) @ covariance
    variances = np.diag(turn @ covariance @ turn.T)
    return np.sqrt(np.where(variances > 0, variances, np.nan))


def _say_what_is_special(name: str, fit: _Fit) -> None:
    _, _, p, w = fit.point.tolist()
    if p == 0:
        say(f"{name}: volatility does not cluster, so alpha and beta are 0 and have no standard errors")
        return
    if p == 1:
        say(f"{name}: alpha + beta is 1, the edge of what is stationary, so there is no long-run volatility")
    if w == 1:
        say(f"{name}: beta is 0, its bound, where it has no standard error")
    if fit.omega_on_bound:
        said = (
            f"{name}: omega is at its bound, next to 0, where it has no standard error; nothing then holds the "
            "variance up, so there is no long-run volatility"
        )
        say(said)
