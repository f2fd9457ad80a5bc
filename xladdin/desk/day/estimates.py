"""Estimate: what the desk infers from the window of prices and funding, for every contract in play.

A contract that cannot be estimated is left without figures and with the reason in its note; the rest goes on.
"""

from __future__ import annotations

import warnings
from datetime import datetime
from functools import cache, cached_property, partial

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array, Mask
from core.decide.policy.outlook import NOT_LEARNED, Methods, Outlook
from core.decide.policy.past import Past
from core.errors import BookError, DataWarning, PerpDeskError, listed, say
from core.estimate.capm import capm
from core.estimate.funding.forecast import annual_funding_forecast
from core.estimate.volatility.methods import volatility
from core.learn.training import AsOf, Training, training_of
from core.market.panel import Panel
from core.records import dataclass
from core.units import HOURS_PER_YEAR, periods_per_year

from ..read.inputs import Desk
from .enough import FEW_RETURNS, FEWEST_RETURNS
from .market_state import MarketState, read_market

__all__ = ["Estimates", "estimate", "outlook_of", "training_of_desk", "usable_returns"]


@dataclass(frozen=True)
class Estimates:
    """Figures of each contract in play, a year, `(N,)`; the covariance is `(N, N)`; and the state of the market.

    NaN where a contract cannot be estimated: `known` is false there and `notes` says why. `volatilities` are the
    sample's, each over the contract's own rows, and `first_returns` the close of the first. `variance_premiums` is NaN
    without an implied volatility. `outlook` has the figures of the known contracts alone, as a policy asks for them.
    """

    known: Mask
    outlook: Outlook
    betas: Array
    beta_errors: Array
    alphas: Array
    r_squared: Array
    covariance: Array
    volatilities: Array
    variance_premiums: Array
    premiums: Array
    funding: Array
    funding_known: Array
    expected_returns: Array
    observations: NDArray[np.int_]
    missing_bars: NDArray[np.int_]
    first_returns: tuple[datetime | None, ...]
    views: Array
    untraded: Mask
    market: MarketState
    bars_used: int

    @cached_property
    def volatilities_now(self) -> Array:
        """GARCH volatility of the next bar, a year; NaN where no GARCH can be fitted.

        Fitted when first asked for: the Estimates sheet shows it, and a hedge or a stress must not wait for it.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # as in `estimate`
            return _spread(_volatilities_now(self.outlook), self.known)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the desk should know of each contract, an empty text where there is nothing."""
        return _notes(self)


def estimate(desk: Desk) -> Estimates:
    """Beta, CAPM fit, covariance and expected return net of funding over the desk's window.

    Raises:
        BookError: no contract can be estimated, or one that is held cannot.
        UndefinedError: the benchmark does not vary.
    """
    market = read_market(desk)
    if desk.settings.regime_window == "Y":
        desk = desk.latest(market.regime_bars)
    settings, universe = desk.settings, desk.universe
    usable, returns = usable_returns(desk), desk.panel.returns()
    observations = usable.sum(axis=0)
    known = observations >= FEWEST_RETURNS
    _say_what_is_missing(desk, observations, known, len(returns))

    with warnings.catch_warnings():
        # The core speaks of rows and columns; what is dropped has just been said in the desk's words.
        warnings.simplefilter("ignore", DataWarning)
        warnings.filterwarnings("always", NOT_LEARNED, DataWarning)
        learned = AsOf(cache(partial(training_of_desk, desk)), len(desk.history.times) - 1, np.flatnonzero(known))
        outlook = outlook_of(desk, known, learned)
        expected, risk, premiums = outlook.expected_returns, outlook.covariance, outlook.variance_premiums
        swings = volatility(outlook.returns, periods_per_year=outlook.past.periods_per_year)
        fit = capm(outlook.returns, desk.benchmark_returns, settings.risk_free, outlook.past.periods_per_year)
    matrix = np.full((len(known), len(known)), np.nan)
    matrix[np.ix_(known, known)] = risk
    return Estimates(
        known=known,
        outlook=outlook,
        betas=_spread(outlook.betas, known),
        beta_errors=_spread(fit.beta_se, known),
        alphas=_spread(fit.alpha, known),
        r_squared=_spread(fit.r_squared, known),
        covariance=matrix,
        volatilities=_spread(swings, known),
        variance_premiums=_spread(premiums, known),
        premiums=_spread(outlook.priced.premium, known),
        funding=_spread(outlook.priced.funding, known),
        funding_known=desk.panel.funding_coverage(),
        expected_returns=_spread(expected, known),
        observations=observations,
        missing_bars=len(returns) - observations,
        first_returns=_first_closes(desk.panel, usable),
        views=universe.views,
        untraded=universe.in_book & ~universe.included,
        market=market,
        bars_used=len(returns),
    )


def usable_returns(desk: Desk) -> Mask:
    """Where a contract and the benchmark have a return, `(T, N)`."""
    return ~np.isnan(desk.panel.returns()) & ~np.isnan(desk.benchmark_returns)[:, np.newaxis]


def training_of_desk(desk: Desk) -> Training:
    """What is learned from all rows of Prices; nothing is, before it is asked for."""
    settings, history = desk.settings, desk.history
    first = np.full((1, len(history.symbols)), np.nan)
    returns = np.vstack([first, history.returns()])
    places = [history.symbols.index(symbol) for symbol in desk.universe.symbols]
    return training_of(
        returns[:, places],
        returns[:, history.symbols.index(settings.benchmark)],
        history.funding[:, places],
        periods_per_year(settings.bar_hours),
        settings.retrain_days,
        settings.learner,
    )


def outlook_of(desk: Desk, known: Mask, learned: AsOf, paid: Array | None = None) -> Outlook:
    """What a policy may know of the known contracts, read by the methods of the Settings; `learned` is of these too.

    `paid` is the funding a year in the window of all contracts `(N,)`, where somebody has read it before.
    """
    settings, universe = desk.settings, desk.universe
    if settings.funding_method != "mean" or paid is None:
        funding = _expected_funding(desk.panel.select(np.array(universe.symbols)[known]), settings.funding_method)
    else:
        funding = paid[known]
    past = Past(
        returns=desk.panel.returns()[:, known],
        market_returns=desk.benchmark_returns,
        funding=funding,
        implied_vols=universe.implied_vols[known],
        views=universe.views[known],
        periods_per_year=periods_per_year(settings.bar_hours),
        risk_free=settings.risk_free,
        market_return=settings.market_return,
    )
    methods = Methods(
        settings.beta_method,
        settings.covariance_method,
        settings.beta_halflife,
        settings.vrp_coefficient,
        falls_back=settings.fallback_allowed == "Y",
    )
    return Outlook(past, methods, learned=learned)


def _expected_funding(panel: Panel, method: str) -> Array:
    """Funding a year that a long is expected to pay, `(N,)`: as in the window, or as forecast for the next day."""
    if method == "mean" or np.isnan(panel.funding[1:]).all():
        return panel.funding_annual()
    # The bar of the first row ended before the window began. Where none ever settled, read_history has said so.
    often = HOURS_PER_YEAR / panel.settlements().hours[1:]
    return np.nan_to_num(annual_funding_forecast(np.where(np.isnan(often), np.nan, panel.funding[1:]), often))


def _first_closes(panel: Panel, usable: Mask) -> tuple[datetime | None, ...]:
    """The close of the first bar with a return of each contract; None where it has none."""
    rows = [np.flatnonzero(column) for column in usable.T]
    return tuple(panel.times[1 + there[0]].item() if there.size else None for there in rows)


def _volatilities_now(outlook: Outlook) -> Array:
    """GARCH volatility of the next bar, a year, `(N,)`; NaN where no GARCH can be fitted."""
    try:
        return volatility(outlook.returns, "garch", outlook.past.periods_per_year)
    except PerpDeskError:
        return np.full(outlook.returns.shape[1], np.nan)


def _spread(values: Array, known: Mask) -> Array:
    """The figures of the contracts that are known, each in its place among all."""
    spread = np.full(len(known), np.nan)
    spread[known] = values
    return spread


def _notes(found: Estimates) -> tuple[str, ...]:
    notes = []
    rows = zip(
        found.observations.tolist(),
        found.missing_bars.tolist(),
        found.first_returns,
        found.volatilities_now,
        found.views,
        found.untraded,
        strict=True,
    )
    began = min((first for first in found.first_returns if first is not None), default=None)
    for count, gaps, first, swing, view, untraded in rows:
        said = []
        if count < FEWEST_RETURNS:
            said.append(f"not estimated: {count} of {count + gaps} returns, {FEWEST_RETURNS} are needed")
        elif first != began:
            said.append(f"young: {count} of {count + gaps} returns, since {first:%Y-%m-%d %H:%M}")
        elif gaps:
            said.append(f"{gaps} bars without a return were left out")
        if FEWEST_RETURNS <= count < FEW_RETURNS:
            said.append(f"few returns: its volatility is known to about {1 / np.sqrt(2 * count):.0%}")
        if count >= FEWEST_RETURNS and np.isnan(swing):
            said.append("no GARCH fits")
        if not np.isnan(view):
            said.append("own view replaces the CAPM premium")
        if untraded:
            said.append("excluded but held: its weight stays as it is")
        notes.append("; ".join(said))
    return tuple(notes)


def _say_what_is_missing(desk: Desk, observations: NDArray[np.int_], known: Mask, rows: int) -> None:
    universe = desk.universe
    for symbol, count, is_known, held in zip(universe.symbols, observations, known, universe.positions, strict=True):
        if not is_known and held:
            raise BookError(
                f"sheet 'Prices': {symbol} is held but has {count} of {rows} returns in the window and "
                f"{FEWEST_RETURNS} are needed; refresh with more bars"
            )
    if not known.any():
        raise BookError(
            f"sheet 'Prices': no contract in play has {FEWEST_RETURNS} returns in the window; refresh with more bars"
        )
    left_out = [symbol for symbol, is_known in zip(universe.symbols, known, strict=True) if not is_known]
    gaps = [
        f"{symbol} {rows - count}"
        for symbol, count, is_known in zip(universe.symbols, observations, known, strict=True)
        if is_known and count < rows
    ]
    if left_out:
        say(f"Prices: too few returns to estimate {listed(left_out)}")
    if gaps:
        say(
            f"Prices: returns missing in the window of {rows}: {listed(gaps)}; "
            "each contract stands on its own rows, none was filled"
        )
