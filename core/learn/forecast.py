"""Learned beta and premium: does a non-linear model see further than the simple rule? Judged where it has not looked.

    forecast_t = rule_t + correction(state_t)        learned from the errors  actual_{t+1 .. t+horizon} - rule_t

    target                                           rule it must beat
    beta over the next `horizon` rows                the last rolling beta, over 30 horizons
    mean return of the next `horizon` rows           the CAPM premium: that beta x mean market return so far

The out-of-sample R2 against the rule is pooled over a purged and embargoed walk forward through the second half of
the history. The learned forecast is returned whatever it is worth, beside the rule and the verdict, with a DataWarning
that names the contracts to leave to the rule: a figure that changed its meaning from one bar to the next would be worse
than a poor one. Who wants the winner takes `better`.

How to read R2. The beta of a day is itself measured from 24 returns and much of it is chance, so 0.1 is a good figure
and one below zero is common. A short outcome may differ from a long window on average, because wild rows count more in
the long one; learning that difference counts too. And each outcome counts the same, though an error in a wild day costs
a hedge more: `tests/benchmarks/learn_forecast.py` shows both on real data.

About a tenth of a second a contract with a year of hourly rows, and a second or two once for loading scikit-learn.

Sources: Gu, Kelly and Xiu (2020), "Empirical Asset Pricing via Machine Learning" (trees, out-of-sample R2); Lopez de
Prado (2018), "Advances in Financial Machine Learning", chapter 7 (purging and embargo).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Array
from ..checks import as_matrix, as_vector, whole
from ..errors import ArgumentError, DataWarning, MissingDataError, say
from ..estimate.beta.rolling import rolling_beta
from ..estimate.regression import pair
from .boosting import FOLDS, learn_correction
from .features import LONG, MEDIUM, features, least_rows, trailing_moments

__all__ = ["LearnedForecast", "learned_beta", "learned_premium"]

NEEDED = 120
"""Horizons of history without which nothing can be learned: 30 for the first window, 90 of examples."""

LEAST_EXAMPLES = 300
"""Examples that a contract must keep when gaps have taken theirs."""

EXAMPLES_PER_HORIZON = 4
"""Outcomes overlap: examples closer than a quarter of the horizon teach hardly more and cost as much."""

SHORTEST_HORIZON = 5
"""A beta of fewer returns than this is all chance."""

NO_ERROR = 1e-9
"""Difference from the outcome, as a share of it, that is none: running sums leave more than the rounding of one number,
and the examples are learned in single precision anyway."""

LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, eq=False)
class LearnedForecast:
    """What was learned about N contracts, and whether it is worth anything.

    forecast          (N,) the rule with the learned correction, whatever its worth
    out_of_sample_r2  (N,) against the rule: above 0 the learned forecast had the smaller squared error
    simple            (N,) what the rule says
    verdict           N texts: "no better than the last beta", "better than the last beta in 4 of 5 folds", "missing"
    """

    forecast: Array
    out_of_sample_r2: Array
    simple: Array
    verdict: tuple[str, ...]

    @property
    def better(self) -> Array:
        """The learned forecast where it beat the rule out of sample, the rule elsewhere, (N,)."""
        return np.where(self.out_of_sample_r2 > 0, self.forecast, self.simple)


def learned_beta(
    asset_returns: ArrayLike,
    market_returns: ArrayLike,
    horizon: int = 24,
    seed: int = 1,
    funding: ArrayLike | None = None,
    vrp: ArrayLike | None = None,
) -> LearnedForecast:
    """Forecast of the beta that will be measured over the next `horizon` rows, beside the last rolling beta.

    Shapes: `asset_returns` (T, N), `market_returns` (T,), T at least 120 horizons; `funding` (T, N) rates settled in
    each bar and `vrp` (T,) or (T, N) variance risk premium known at each row, both optional. Units: decimals per bar.
    NaN: rows in which a pair is missing are left out, with a DataWarning; a contract with too short a history is NaN,
    with a DataWarning. Missing funding means that none was settled.
    Raises ArgumentError (shapes, horizon below 5 rows, seed), MissingDataError (no contract has 120 horizons of rows),
    UndefinedError (constant market) and NotInstalledError (no scikit-learn).
    """
    study = _Study.read(asset_returns, market_returns, horizon, seed, funding, vrp)
    ahead, _, last = study.betas
    return study.learn(ahead[study.outcomes], last, "the last beta")


def learned_premium(
    asset_returns: ArrayLike,
    market_returns: ArrayLike,
    horizon: int = 24,
    seed: int = 1,
    funding: ArrayLike | None = None,
    vrp: ArrayLike | None = None,
) -> LearnedForecast:
    """Forecast of the mean return per bar over the next `horizon` rows, beside the CAPM premium.

    Returns net of funding, as `market.returns.total_returns` gives them, are the excess returns of a position that is
    bought with margin: no risk-free rate is taken off. Shapes, units, gaps and errors as in `learned_beta`.
    """
    study = _Study.read(asset_returns, market_returns, horizon, seed, funding, vrp)
    ahead = [trailing_moments(asset, study.horizon, study.outcomes)[0] for asset in study.assets.T]
    so_far = np.nancumsum(study.market) / np.maximum(np.isfinite(study.market).cumsum(), 1)
    return study.learn(np.column_stack(ahead), study.betas[-1] * so_far[:, np.newaxis], "the CAPM premium")


@dataclass(frozen=True, eq=False)
class _Study:
    """The inputs of a forecast, checked, and what is known of each contract at each row.

    assets, each of extra  (T, N)        what is there of funding and variance risk premium
    market                 (T,)
    betas                  (T, N) each   rolling, over the short, medium and long window
    usable                 (N,)          whether a contract has rows enough
    """

    assets: Array
    market: Array
    extra: tuple[Array, ...]
    betas: tuple[Array, ...]
    usable: NDArray[np.bool_]
    horizon: int
    seed: int

    @classmethod
    def read(
        cls,
        asset_returns: ArrayLike,
        market_returns: ArrayLike,
        horizon: int,
        seed: int,
        funding: ArrayLike | None,
        vrp: ArrayLike | None,
    ) -> _Study:
        ahead = whole(horizon, "horizon", at_least=SHORTEST_HORIZON)
        chance = whole(seed, "seed", at_least=0, at_most=LARGEST_SEED)
        pairs = pair(asset_returns, market_returns, needed=NEEDED * ahead)
        assets, market = as_matrix(asset_returns, "asset_returns"), as_vector(market_returns, "market_returns")
        extra = []
        if funding is not None:
            extra.append(np.nan_to_num(_like(assets, funding, "funding")))
        if vrp is not None:
            extra.append(_like(assets, vrp, "vrp"))
        betas = tuple(_rolling(assets, market, horizons * ahead) for horizons in (1, MEDIUM, LONG))
        return cls(assets, market, tuple(extra), betas, pairs.usable, ahead, chance)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows at which examples are made: the long window is full, and the outcome is known."""
        step = max(1, self.horizon // EXAMPLES_PER_HORIZON)
        return np.arange(LONG * self.horizon - 1, len(self.market) - self.horizon, step)

    @property
    def outcomes(self) -> NDArray[np.int64]:
        """Rows at which the outcomes of the examples are known."""
        return self.rows + self.horizon

    def learn(self, actual: Array, simple: Array, rule: str) -> LearnedForecast:
        """Forecast, score and verdict of each contract; `actual` (M, N) at the examples, `simple` (T, N)."""
        forecast, r2 = np.full((2, self.assets.shape[1]), np.nan)
        verdict = ["missing"] * len(forecast)
        for n in np.flatnonzero(self.usable):
            rule_then = simple[self.rows, n]
            known = np.isfinite(actual[:, n]) & np.isfinite(rule_then)
            if known.sum() < LEAST_EXAMPLES or np.isnan(simple[-1, n]):
                _warn(f"asset_returns: column {n + 1} has too many gaps, or ends in one, so its forecast is missing")
                continue
            states = features(
                self.assets[:, n],
                self.market,
                [beta[:, n] for beta in self.betas],
                [series[:, n] for series in self.extra],
                self.horizon,
                np.append(self.rows[known], len(self.market) - 1),
            )
            errors = _errors(actual[known, n], rule_then[known])
            learned = learn_correction(states, errors, self.rows[known], self.horizon, self.seed)
            forecast[n] = simple[-1, n] + learned.latest
            r2[n] = learned.out_of_sample_r2
            won = f"better than {rule} in {learned.folds_won} of {FOLDS} folds"
            verdict[n] = won if r2[n] > 0 else f"no better than {rule}"
        _warn_of_the_worthless(r2, rule)
        return LearnedForecast(forecast, r2, np.where(self.usable, simple[-1], np.nan), tuple(verdict))


def _rolling(assets: Array, market: Array, window: int) -> Array:
    """Rolling beta wherever most of its window is there; which rows have a gap has been said already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        try:
            return rolling_beta(assets, market, window, least_rows(window))
        except MissingDataError:
            raise MissingDataError(
                f"asset_returns have too many gaps, no {window} rows on end are half complete; fill them in"
            ) from None


def _errors(actual: Array, rule: Array) -> Array:
    """What the rule got wrong; rounding is no error, and the last digits of the rest decide nothing."""
    errors = np.where(np.abs(actual - rule) <= NO_ERROR * np.abs(actual), 0.0, actual - rule)
    return errors.astype(np.float32).astype(np.float64)


def _like(assets: Array, values: ArrayLike, name: str) -> Array:
    """`values` as a block like the asset returns; one column counts for all."""
    block = as_matrix(values, name)
    if len(block) != len(assets) or block.shape[1] not in (1, assets.shape[1]):
        raise ArgumentError(
            f"{name} is {block.shape[0]} x {block.shape[1]} where asset_returns are {assets.shape[0]} x "
            f"{assets.shape[1]}; select the same rows, and one column for each contract or one for all"
        )
    return np.broadcast_to(block, assets.shape)


def _warn_of_the_worthless(r2: Array, rule: str) -> None:
    columns = np.flatnonzero(r2 <= 0)
    if columns.size:
        which = ", ".join(f"{n + 1} (R2 {r2[n]:.3f})" for n in columns)
        _warn(f"the learned forecast is no better than {rule} out of sample; use that for column {which}")


def _warn(message: str) -> None:
    say(message)
