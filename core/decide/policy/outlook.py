"""Outlook: what a policy goes by, each figure estimated from the past once, when it is first asked for.

    expected return = risk-free + beta (market return - risk-free) - expected funding + tilt x variance premium
                      a view replaces the premium of its contract
    score           from downside risk relative to volatility, and the variance premium where options are quoted

The desk shows these figures on its sheet and a walk through history makes them anew at each rebalance: the same code on
the same rows, so what is judged is what is traded. Nothing is fitted to the future: an estimator sees the rows of
`Past` and no others.

Sources: those of its parts, `estimate.premium` (CAPM less funding, variance premium) and `portfolio.scores`.
"""

from __future__ import annotations

from dataclasses import field
from functools import cached_property

import numpy as np

from ...arrays import Array, Mask
from ...choices import LEARNED
from ...errors import MissingDataError, NotInstalledError, say
from ...estimate.beta.methods import estimate_beta
from ...estimate.covariance.methods import FROM_MOMENTS, covariance, covariance_of_moments, downside_deviations
from ...estimate.premium.expected_return import ExpectedReturn, expected_return
from ...estimate.premium.variance import tilt_expected_returns, variance_risk_premium
from ...learn.training import AsOf
from ...numeric.rolling_moments import RollingMoments, WindowMoments
from ...records import dataclass
from ..portfolio.scores import overlay_scores
from .past import Past

__all__ = ["NOT_LEARNED", "Methods", "Outlook"]

NOT_LEARNED = "betas could not be learned"
"""How the DataWarning begins that says so."""


@dataclass(frozen=True)
class Methods:
    """How the past is read: `beta` by `estimate_beta` or LEARNED, `covariance` by the method of that name.

    `halflife`, in rows, is read by the methods that age their rows; `variance_tilt` is the return added for each unit
    of variance premium. Where betas cannot be learned ols answers, and that is said, unless `falls_back` is False.
    """

    beta: str = "ols"
    covariance: str = "ledoit_wolf"
    halflife: float = 60.0
    variance_tilt: float = 0.0
    falls_back: bool = True


@dataclass(frozen=True)
class Outlook:
    """Figures of each contract a year, `(N,)`, from `past` by `methods`; the covariance is `(N, N)`.

    Each raises what its estimator raises, when it is asked for: a policy that does not need it never notices.
    `rolling` are the moments of all windows of a walk, of the returns and then of the benchmark, and the row that this
    past ends with: methods that need no more (`sample`, `ledoit_wolf`; `ols`) then do not read the rows again. A past
    with a gap has none. `learned` is what a model knew that has learned from all rows up to now, those before the
    window too; None: nothing was learned.
    """

    past: Past
    methods: Methods = field(default_factory=Methods)
    rolling: tuple[RollingMoments, int] | None = None
    learned: AsOf | None = None

    @property
    def returns(self) -> Array:
        """Returns per bar, `(T, N)`."""
        return np.asarray(self.past.returns)

    @cached_property
    def moments(self) -> WindowMoments | None:
        """Those of the rows of the past; None where the rows have to be read."""
        return None if self.rolling is None else self.rolling[0].ending_at(self.rolling[1])

    @cached_property
    def betas(self) -> Array:
        """Beta of each contract to the benchmark."""
        if self.methods.beta == "ols" and self.moments is not None:
            products = self.moments.products[-1]
            if products[-1] > 0:
                return np.asarray(products[:-1] / products[-1])
        method = self.methods.beta
        if method == LEARNED:
            try:
                return self._learned_betas()
            except (MissingDataError, NotInstalledError) as error:
                if not self.methods.falls_back:
                    raise
                say(f"{NOT_LEARNED} ({error}); those of ols stand in their place")
                method = "ols"
        return estimate_beta(self.returns, self.past.benchmark, method, self.methods.halflife)

    def _learned_betas(self) -> Array:
        """Betas of the next day; that of ols for a contract with too few rows before now."""
        if self.learned is None:
            raise MissingDataError("there is no history beyond the window to learn from")
        betas = self.learned.betas
        if np.isfinite(betas).all():
            return betas
        return np.where(np.isfinite(betas), betas, estimate_beta(self.returns, self.past.benchmark))

    @cached_property
    def covariance(self) -> Array:
        """How the contracts swing together."""
        if self.methods.covariance in FROM_MOMENTS and self.moments is not None:
            return covariance_of_moments(self.moments, self.methods.covariance, self.past.periods_per_year)
        return covariance(
            self.returns,
            self.methods.covariance,
            self.past.periods_per_year,
            self.methods.halflife,
            self.past.benchmark,
        )

    @cached_property
    def priced(self) -> ExpectedReturn:
        """What a long earns before any tilt: the premium of its beta or the view, and the funding it pays."""
        past, betas = self.past, self.betas
        return expected_return(betas, past.risk_free, self._benchmark_return, np.asarray(past.funding), past.views)

    @property
    def _benchmark_return(self) -> float:
        if self.past.market_return is None and self.moments is not None:
            return self.past.periods_per_year * float(self.moments.mean[-1])
        return self.past.benchmark_return

    @cached_property
    def variance_premiums(self) -> Array:
        """Implied less realised variance; NaN for a contract without options."""
        implied = self.past.implied_vols
        if implied is None or np.isnan(implied).all():
            return np.full(self.returns.shape[1], np.nan)
        return variance_risk_premium(implied, self.returns, self.past.periods_per_year)

    @cached_property
    def expected_returns(self) -> Array:
        """What a long earns, net of funding; a contract without options is not tilted."""
        if self.methods.variance_tilt == 0:
            return self.priced.total
        return tilt_expected_returns(
            self.priced.total, np.nan_to_num(self.variance_premiums), self.methods.variance_tilt
        )

    @cached_property
    def scores(self) -> Array:
        """Low where falls outweigh swings and options charge too little for risk.

        A contract without options is scored on its falls, and one that has not moved on its options.
        """
        downside = downside_deviations(self.returns, self.past.periods_per_year)
        variances = np.diag(self.covariance)
        volatilities = np.sqrt(np.where(variances > 0, variances, np.nan))
        premiums = self.variance_premiums
        return overlay_scores(downside, None if np.isnan(premiums).all() else premiums, volatilities)

    def select(self, chosen: Mask) -> Outlook:
        """The contracts where `chosen` `(N,)` is true, with the figures that were estimated among all."""
        learned = None if self.learned is None else self.learned.select(chosen)
        return _Chosen(self.past.select(chosen), self.methods, learned=learned, among=self, chosen=chosen)

    def expecting(self, more: Array) -> Outlook:
        """The same, but that each contract is expected to return so much more a year, `(N,)`."""
        return _Expecting(self.past, self.methods, self.rolling, self.learned, as_it_was=self, more=more)


@dataclass(frozen=True)
class _Chosen(Outlook):
    """Some contracts of an outlook; scores compare those alone."""

    among: Outlook = field(kw_only=True)
    chosen: Mask = field(kw_only=True)

    @cached_property
    def betas(self) -> Array:
        return self.among.betas[self.chosen]

    @cached_property
    def covariance(self) -> Array:
        return self.among.covariance[np.ix_(self.chosen, self.chosen)]

    @cached_property
    def variance_premiums(self) -> Array:
        return self.among.variance_premiums[self.chosen]

    @cached_property
    def expected_returns(self) -> Array:
        return self.among.expected_returns[self.chosen]


@dataclass(frozen=True)
class _Expecting(Outlook):
    """An outlook with other expected returns; all else is as it was."""

    as_it_was: Outlook = field(kw_only=True)
    more: Array = field(kw_only=True)

    @cached_property
    def betas(self) -> Array:
        return self.as_it_was.betas

    @cached_property
    def covariance(self) -> Array:
        return self.as_it_was.covariance

    @cached_property
    def expected_returns(self) -> Array:
        return self.as_it_was.expected_returns + self.more
