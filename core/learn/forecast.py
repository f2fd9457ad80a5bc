"""Learned beta and premium: does a model see further than the simple rule? Judged where it has not looked.

    forecast_t = rule_t + correction(state_t)        learned from the errors  actual_{t+1 .. t+horizon} - rule_t

    target                                           rule it must beat
    beta over the next `horizon` rows                the last rolling beta, over 30 horizons
    mean return of the next `horizon` rows           CAPM: that beta x mean market return so far, less funding

A beta is learned for each contract from its own past, by trees. A premium is learned for all contracts together and in
units of their volatility, because there is next to nothing to learn: what moves one contract for sure moves others.

The out-of-sample R2 against the rule is pooled over a purged and embargoed walk forward through the second half of
the history. The learned forecast is returned whatever it is worth, beside the rule and the verdict, with a DataWarning
that names the contracts to leave to the rule: a figure that changed its meaning from one bar to the next would be worse
than a poor one. Who wants the winner takes `better`.

How to read R2. The beta of a day is itself measured from 24 returns and much of it is chance, so 0.1 is a good figure
and one below zero is common. A short outcome may differ from a long window on average, because wild rows count more in
the long one; learning that difference counts too. And each outcome counts the same, though an error in a wild day costs
a hedge more: `tests/benchmarks/learn_forecast.py` shows both on real data.

About a tenth of a second a contract with a year of hourly rows, and a second or two once for loading scikit-learn.

Sources: Gu, Kelly and Xiu (2020), "Empirical Asset Pricing via Machine Learning" (ridge and trees, one model for all
assets, out-of-sample R2); Lopez de Prado (2018), "Advances in Financial Machine Learning", chapter 7 (purging and
embargo).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Array
from ..checks import as_matrix, as_vector, choice, whole
from ..choices import LEARNERS
from ..errors import ArgumentError, say
from ..estimate.regression import pair
from ..records import dataclass
from .correction import FOLDS, learn_correction
from .lessons import LEAST_EXAMPLES, NEEDED, SHORTEST_HORIZON, Lessons
from .validation import out_of_sample_r2

__all__ = ["LearnedForecast", "learned_beta", "learned_premium", "read_lessons"]

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
    chance = whole(seed, "seed", at_least=0, at_most=LARGEST_SEED)
    lessons, usable = read_lessons(asset_returns, market_returns, horizon, funding, vrp)
    return _learn(lessons, "beta", [np.array([n]) for n in np.flatnonzero(usable)], "boosting", chance)


def learned_premium(
    asset_returns: ArrayLike,
    market_returns: ArrayLike,
    horizon: int = 24,
    seed: int = 1,
    funding: ArrayLike | None = None,
    vrp: ArrayLike | None = None,
    volume: ArrayLike | None = None,
    learner: str = "ridge",
) -> LearnedForecast:
    """Forecast of the mean return per bar over the next `horizon` rows, beside the CAPM premium less funding.

    Returns net of funding, as `market.returns.total_returns` gives them, are the excess returns of a position that is
    bought with margin: no risk-free rate is taken off. Gaps and errors as in `learned_beta`.

    Args:
        asset_returns: (T, N) decimals per bar.
        market_returns: (T,) the same of the benchmark.
        horizon: rows ahead.
        seed: of the trees' chance.
        funding: (T, N) rates settled in each bar.
        vrp: (T,) or (T, N) variance risk premium known at each row.
        volume: (T, N) traded in each bar, in any unit.
        learner: one of LEARNERS.
    """
    chance = whole(seed, "seed", at_least=0, at_most=LARGEST_SEED)
    lessons, usable = read_lessons(asset_returns, market_returns, horizon, funding, vrp, volume)
    return _learn(lessons, "premium", [np.flatnonzero(usable)], choice(learner, "learner", LEARNERS), chance)


def read_lessons(
    asset_returns: ArrayLike,
    market_returns: ArrayLike,
    horizon: int,
    funding: ArrayLike | None = None,
    vrp: ArrayLike | None = None,
    volume: ArrayLike | None = None,
) -> tuple[Lessons, NDArray[np.bool_]]:
    """The lessons of a history, and which contracts have rows enough, (N,). Shapes, gaps and errors as above."""
    ahead = whole(horizon, "horizon", at_least=SHORTEST_HORIZON)
    pairs = pair(asset_returns, market_returns, needed=NEEDED * ahead)
    assets, market = as_matrix(asset_returns, "asset_returns"), as_vector(market_returns, "market_returns")
    extra = {}
    if funding is not None:
        extra["funding"] = np.nan_to_num(_like(assets, funding, "funding"))
    if vrp is not None:
        extra["variance premium"] = _like(assets, vrp, "vrp")
    if volume is not None:
        extra["volume"] = _like(assets, volume, "volume")
    return Lessons(assets, market, extra, ahead), pairs.usable


def _learn(lessons: Lessons, target: str, together: list[NDArray[np.intp]], learner: str, seed: int) -> LearnedForecast:
    """Forecast, score and verdict of each contract; those `together` are learned as one."""
    rule = {"beta": "the last beta", "premium": "the CAPM premium"}[target]
    contracts, last = lessons.assets.shape[1], len(lessons.market) - 1
    now = np.array([last])
    simple, unit = lessons.rule(target, now)[0], lessons.unit(target, now)[0]
    forecast, r2, told = np.full(contracts, np.nan), np.full(contracts, np.nan), np.full(contracts, np.nan)
    verdict = ["missing"] * contracts
    states = lessons.states_at(target, last)
    for group in together:
        told[group] = simple[group]
        whole_group = [n for n in group.tolist() if _enough(lessons, target, n) and np.isfinite(simple[n])]
        for n in sorted(set(group.tolist()) - set(whole_group)):
            say(f"asset_returns: column {n + 1} has too many gaps, or ends in one, so its forecast is missing")
        if not whole_group:
            continue
        examples, owners = lessons.examples(target, np.array(whole_group))
        learned = learn_correction(examples, states[whole_group], learner, seed)
        for place, n in enumerate(whole_group):
            own = (owners == n) & np.isfinite(learned.walked)
            forecast[n] = simple[n] + learned.latest[place] * unit[n]
            errors, corrections = examples.errors[own], learned.walked[own]
            r2[n] = out_of_sample_r2(errors, corrections, np.zeros_like(errors))
            won = f"better than {rule} in {learned.folds_won} of {FOLDS} folds"
            verdict[n] = won if r2[n] > 0 else f"no better than {rule}"
    _warn_of_the_worthless(r2, rule)
    return LearnedForecast(forecast, r2, told, tuple(verdict))


def _enough(lessons: Lessons, target: str, contract: int) -> bool:
    examples, _ = lessons.examples(target, np.array([contract]))
    return len(examples.errors) >= LEAST_EXAMPLES


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
        say(f"the learned forecast is no better than {rule} out of sample; use that for column {which}")
