"""A Student-t copula with Pareto tails: contracts that crash together, further than they ever have.

A joint row of log returns x is made in two steps:

    dependence    t = z / sqrt(w / nu)    z normal with correlations R, w chi-squared with nu degrees of freedom
    margins       x_i = F_i^{-1}(T_nu(t_i))    F_i the distribution of contract i alone

One small w makes all |t_i| large at once: that is tail dependence, which a normal copula lacks. F_i interpolates the
sorted history; beyond its lowest and highest twentieth it is a generalised Pareto tail from the threshold a,

    P(a - x > y | x < a) = (1 + xi y / s)^(-1/xi)        xi = 2 - a0 / (a0 - 2 a1)        s = 2 a0 a1 / (a0 - 2 a1)

a0 the mean excess and a1 the mean of excess x share of larger excesses; xi is kept in [0, 1/2], a variance that exists.

R comes from medians, which no outlier moves: R_ij = sin(pi b / 2), b the mean product of the signs about the medians.
nu maximises the likelihood of the ranks. Log returns, so that no price falls below zero; rows are independent.

Sources: McNeil, Frey and Embrechts, Quantitative Risk Management (2015), 7.3 to 7.5 and 5.2; Blomqvist (1950) (b);
Hosking and Wallis (1987) (probability-weighted moments of the Pareto tail); McNeil and Frey (2000) (margins).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ...arrays import Array
from ...checks import enough
from ...estimate.covariance.repair import repair_covariance
from ...numeric.knots import Knots
from ...numeric.student_quantiles import student_quantiles
from ...numeric.student_tail import StudentTail
from ...records import dataclass
from ..path.sampled_paths import Sampled

__all__ = ["ParetoTail", "StudentCopula", "pareto_tail"]

FEWEST_ROWS = 100
"""Rows below which a tail cannot be told from its beginning."""

TAIL, FEWEST_IN_TAIL = 0.05, 10
"""Share of the rows in each tail, and how many at least."""

HEAVIEST = 0.5
"""Largest xi: beyond it, there is no variance."""

DEGREES = (2.0, 100.0)
"""Where nu is looked for; from 100 on, the copula is as good as normal."""

NUGGET = 1e-6
"""Share of independence mixed into R, so that two contracts that are one and the same do no harm."""


@dataclass(frozen=True)
class ParetoTail:
    """Losses beyond a threshold: `shape` xi and `scale` s."""

    shape: float
    scale: float

    def excess(self, log_survival: Array) -> Array:
        """The excess beyond which the share e^log_survival of those in the tail go."""
        far = -log_survival
        return self.scale * (far if self.shape == 0 else np.expm1(self.shape * far) / self.shape)


def pareto_tail(excesses: Array) -> ParetoTail:
    """The tail with the probability-weighted moments of `excesses` `(n,)`, all at least 0."""
    ordered = np.sort(excesses)
    larger = np.arange(ordered.size - 1, -1, -1) / max(ordered.size - 1, 1)
    mean, weighted = float(ordered.mean()), float((larger * ordered).mean())
    if mean == 0:
        return ParetoTail(0.0, 0.0)
    shape = min(max(2 - mean / (mean - 2 * weighted), 0.0), HEAVIEST)
    return ParetoTail(shape, mean * (1 - shape))  # the mean excess is s / (1 - xi)


@dataclass(frozen=True, eq=False)
class StudentCopula:
    """N contracts: `correlations` R, `degrees` nu, and of each margin the sorted log returns and both tails."""

    correlations: Array
    degrees: float
    ordered: Array
    tail_rows: int
    lower: tuple[ParetoTail, ...]
    upper: tuple[ParetoTail, ...]

    @classmethod
    def of(cls, history: Array) -> StudentCopula:
        """Fitted to complete simple returns `(T, N)`. Raises MissingDataError."""
        enough(len(history), FEWEST_ROWS, "returns")
        logs = np.log1p(history)
        correlations = _correlations(logs)
        ordered = np.sort(logs, axis=0)
        count = max(round(TAIL * len(logs)), FEWEST_IN_TAIL)
        return cls(
            correlations=correlations,
            degrees=_degrees(logs, correlations),
            ordered=ordered,
            tail_rows=count,
            lower=tuple(pareto_tail(column[count] - column[:count]) for column in ordered.T),
            upper=tuple(pareto_tail(column[-count:] - column[-count - 1]) for column in ordered.T),
        )

    def draw(self, generator: np.random.Generator, paths: int, bars: int) -> Sampled:
        """Paths of independent rows."""
        count = paths * bars
        table = generator.standard_normal((count, len(self.correlations)))
        # Contract by contract, so that each margin is one stretch of memory.
        scores = np.linalg.cholesky(self.correlations) @ table.T
        scores /= np.sqrt(generator.chisquare(self.degrees, count) / self.degrees)
        logs = self.margins(scores.T)
        np.copyto(table, np.expm1(logs, out=logs))
        return Sampled(table, np.arange(count).reshape(paths, bars))

    def margins(self, scores: Array) -> Array:
        """Log returns with the ranks of t-distributed scores, `(R, N)`."""
        first, last = self.tail_rows, len(self.ordered) - 1 - self.tail_rows
        shares = _shares(len(self.ordered))
        below, above = np.log(shares[first]), np.log(1 - shares[last])
        knots, tail = self._middle, self._tail
        result = np.empty_like(scores)
        for column, (lower, upper) in enumerate(zip(self.lower, self.upper, strict=True)):
            t, ordered = np.ascontiguousarray(scores[:, column]), self.ordered[first : last + 1, column].copy()
            piece = knots.pieces(t)
            slopes = np.diff(ordered) / np.diff(knots.places)
            values = (t - knots.places.take(piece)) * slopes.take(piece) + ordered.take(piece)
            low, high = np.flatnonzero(t < knots.places[0]), np.flatnonzero(t > knots.places[-1])
            values[low] = ordered[0] - lower.excess(tail.log_share(-t[low]) - below)
            values[high] = ordered[-1] + upper.excess(tail.log_share(t[high]) - above)
            result[:, column] = values
        return result

    @cached_property
    def _middle(self) -> Knots:
        """The scores of the sorted history between its tails."""
        from scipy.special import stdtrit

        shares = _shares(len(self.ordered))
        return Knots.of(stdtrit(self.degrees, shares[self.tail_rows : len(shares) - self.tail_rows]))

    @cached_property
    def _tail(self) -> StudentTail:
        """The distribution of the scores beyond them, which is the same on both sides."""
        return StudentTail.of(self.degrees, float(min(-self._middle.places[0], self._middle.places[-1])))


def _shares(count: int) -> Array:
    """Share of a distribution that lies below each of its sorted values."""
    return (np.arange(count) + 0.5) / count


def _correlations(logs: Array) -> Array:
    """R, positive definite."""
    signs = np.sign(logs - np.median(logs, axis=0))
    concordance = signs.T @ signs / len(logs)
    matrix = np.sin(np.pi / 2 * np.clip(concordance, -1, 1))
    np.fill_diagonal(matrix, 1.0)
    repaired, _ = repair_covariance(matrix)
    return (1 - NUGGET) * repaired + NUGGET * np.eye(len(matrix))


def _degrees(logs: Array, correlations: Array) -> float:
    """The nu of the highest likelihood, given R and the ranks."""
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln, ndtri

    rows, size = logs.shape
    if size == 1:  # alone it depends on nobody: whatever nu, what is drawn has the law of its history
        return DEGREES[1]
    ranks = logs.argsort(axis=0).argsort(axis=0)
    whitening = np.linalg.inv(np.linalg.cholesky(correlations)).T
    normal = ndtri(_shares(rows))

    def minus_likelihood(log_degrees: float) -> float:
        nu = float(np.exp(log_degrees))
        scores = student_quantiles(nu, normal)
        white = scores[ranks] @ whitening
        distances = np.einsum("tn,tn->t", white, white)
        scale = gammaln((nu + size) / 2) + (size - 1) * gammaln(nu / 2) - size * gammaln((nu + 1) / 2)
        together = (nu + size) / 2 * np.log1p(distances / nu).mean()
        apart = (nu + 1) / 2 * size * np.log1p(scores**2 / nu).mean()  # each contract has each rank once
        return float(together - apart - scale)

    found = minimize_scalar(minus_likelihood, bounds=np.log(DEGREES), method="bounded", options={"xatol": 1e-3})
    return float(np.exp(found.x))
