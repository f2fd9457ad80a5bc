"""What a job works on: the desk's inputs as typed, validated values, whichever workbook they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array, Times
from core.choices import REINFORCED
from core.errors import listed
from core.market.panel import Panel
from core.market.tiers import Tiers
from core.records import dataclass

from ..layout.groups.hedging import Hedging
from ..layout.settings import Settings
from ..policy_file import KeptPolicy
from .hedges.instruments import Instruments
from .trained import followed

if TYPE_CHECKING:
    from core.decide.policy.learned.trained import TrainedTilt

__all__ = ["Desk", "Factors", "Scenarios", "Universe"]


OVERLAY_COLUMNS = ("overlay_positions", "overlay_entries")
"""What the universe tells Hedge, Stress and the sheets Risk and Positions; no target follows from it."""

MARGIN_COLUMNS = ("ticks", "entry_prices", "isolated", "collateral")
"""What it tells Stress and the sheet Positions."""

BOOKKEEPING = ("entry_times",)
"""What only the sheet Positions reads: no target, hedge or stress follows from it."""

OF_TODAY = ("prices", "positions", "views", "implied_vols", *OVERLAY_COLUMNS, *MARGIN_COLUMNS, *BOOKKEEPING)
"""What the universe says of today, which a walk through the past cannot have known."""


@dataclass(frozen=True)
class Universe:
    """The contracts in play: included, held, hedges or under an instrument; one entry each, `(N,)`; NaN, NaT = none."""

    symbols: tuple[str, ...]
    included: NDArray[np.bool_]
    inverse: NDArray[np.bool_]
    prices: Array
    lots: Array
    fee_rates: Array
    slippage_rates: Array
    daily_volumes: Array
    initial_margin_rates: Array
    maintenance_rates: Array
    maintenance_amounts: Array
    min_weights: Array
    max_weights: Array
    implied_vols: Array
    views: Array
    positions: Array
    hedges: NDArray[np.bool_]
    overlay_positions: Array
    overlay_entries: Array
    ticks: Array
    entry_prices: Array
    isolated: NDArray[np.bool_]
    collateral: Array
    stops: Array
    entry_times: Times

    @property
    def in_book(self) -> NDArray[np.bool_]:
        """The contracts of the core book: included, or held; one that is held and not included is not traded."""
        return np.asarray(self.included | (self.positions != 0))

    @property
    def cost_rates(self) -> Array:
        """What a trade costs of its notional, fee and slippage together."""
        return self.fee_rates + self.slippage_rates

    @property
    def contract_values(self) -> Array:
        """Notional of one contract: its price, or one unit of quote currency for an inverse contract."""
        return np.where(self.inverse, 1.0, self.prices)

    @property
    def isolated_shares(self) -> Array:
        """Collateral posted for what is held in isolated margin, of its notional `(N,)`; NaN where nothing says it."""
        notionals = np.abs(self.positions + self.overlay_positions) * self.contract_values
        known = self.isolated & (notionals > 0)
        unknown = np.full(len(self.symbols), np.nan)
        return np.asarray(np.divide(self.collateral, notionals, out=unknown, where=known))

    def named(self, mask: NDArray[np.bool_]) -> str:
        """The contracts where `mask` is true, as a sentence lists them."""
        return listed(symbol for symbol, chosen in zip(self.symbols, mask, strict=True) if chosen)

    def select(self, mask: NDArray[np.bool_]) -> Universe:
        """The contracts where `mask` is true, in the same order."""
        chosen: dict[str, Any] = {
            field.name: getattr(self, field.name)[mask] for field in fields(self) if field.name != "symbols"
        }
        return Universe(symbols=tuple(np.array(self.symbols)[mask].tolist()), **chosen)


@dataclass(frozen=True)
class Scenarios:
    """The shocks of the Scenarios sheet, one entry each, `(S,)`; `overrides` `(S, N)` are own moves, NaN = none.

    `horizons` are the hours that each takes, 0 where that is not stated; `peg_shocks` returns of stablecoins. A book
    must survive the scenarios where `must_survive` holds.
    """

    names: tuple[str, ...]
    market_shocks: Array
    horizons: Array
    vol_multipliers: Array
    funding_shocks: Array
    beta_shifts: Array
    correlations: Array
    peg_shocks: Array
    must_survive: tuple[bool, ...]
    overrides: Array

    @property
    def names_to_survive(self) -> tuple[str, ...]:
        """The names of the scenarios that the book must survive."""
        return tuple(name for name, must in zip(self.names, self.must_survive, strict=True) if must)


@dataclass(frozen=True)
class Factors:
    """Returns of further risk factors on a calendar of their own: `returns` `(M, K)`, NaN = not given.

    `rows` `(M,)` are the closes of the window that have a row, 0 where it begins; each return runs from the row before.
    """

    names: tuple[str, ...]
    rows: NDArray[np.intp]
    returns: Array

    @property
    def known(self) -> bool:
        """Whether there is any return inside the window."""
        return bool(self.names) and not np.isnan(self.returns[1:]).all()

    def since(self, bar: int, end: int | None = None) -> Factors:
        """Those of a window that begins so many bars later, and ends before row `end`; None: with the last."""
        stays = self.rows >= bar if end is None else (self.rows >= bar) & (self.rows < end)
        return Factors(self.names, self.rows[stays] - bar, self.returns[stays])


@dataclass(frozen=True)
class Desk:
    """All inputs of a job: settings, contracts in play and their history (same order), limits, scenarios, hedges.

    `benchmark_returns` and `factors` are those of the window's bars; `panel` holds just the window, and `history` all
    rows of Prices, with the benchmark as its last column where that is not in play; `past_factors` are those of all.
    `limits` are the rows of the Limits sheet: one value for all `(1,)`, or one a contract `(N,)` with NaN where a cell
    is blank. `tiers` are those of each contract, None where the rate of the universe holds. `policy` is what stands in
    the file that PolicyFile names, whoever follows it.
    """

    settings: Settings
    policy: KeptPolicy
    universe: Universe
    panel: Panel
    history: Panel
    benchmark_returns: Array
    factors: Factors
    past_factors: Factors
    limits: dict[str, Array]
    tiers: tuple[Tiers | None, ...]
    scenarios: Scenarios
    instruments: Instruments

    @property
    def trained(self) -> TrainedTilt | str | None:
        """The policy that model reinforced follows, or why there is none; None for any other model."""
        if self.settings.model != REINFORCED:
            return None
        return followed(self.policy, self.settings, self.universe.symbols)

    def latest(self, bars: int) -> Desk:
        """The same desk on the last bars of its window only."""
        factors = self.factors.since(len(self.benchmark_returns) - bars)
        return replace(
            self, panel=self.panel.last(bars), benchmark_returns=self.benchmark_returns[-bars:], factors=factors
        )

    def fingerprint(self, job: str) -> str:
        """Twelve hex digits, the same for the same inputs: those that Rebalance or Backtest reads, else all of them."""
        if job in ("backtest", "sweep"):
            return self._past_fingerprint()
        if job == "train":
            # What is learned from does not follow from who is followed, nor from the file that came of it.
            unled = replace(self.settings, model="classical", policy_file=None)
            return replace(self, settings=unled)._past_fingerprint(safeguarded=False)
        return self._target_fingerprint() if job == "rebalance" else self._whole_fingerprint()

    @property
    def _unread_stops(self) -> tuple[str, ...]:
        """Stops tell a policy something where it sizes by them."""
        return ("stops",) if self.settings.risk_per_trade is None else ()

    def _whole_fingerprint(self) -> str:
        return _digest(
            _declared(self.settings),
            {name: value for name, value in _declared(self.universe).items() if name not in BOOKKEEPING},
            _declared(self.panel),
            _declared(self.factors),
            self.limits,
            *_written_tiers(self),
            *([_declared(self.instruments)] if self.instruments.names else []),
            _declared(self.scenarios),
            *self._learned_from(self.settings.learns_betas),
        )

    def _past_fingerprint(self, *, safeguarded: bool = True) -> str:
        """Without what only speaks of today (positions, prices, views ...), or Hedge where it hedges nothing.

        Stops, and the collateral of what is held alone, count where a walk is `safeguarded` by them.
        """
        unread_columns = (*OF_TODAY, *self._unread_stops)
        contracts = {name: value for name, value in _declared(self.universe).items() if name not in unread_columns}
        if safeguarded:
            own = {"stops": self.universe.stops, "isolated_shares": self.universe.isolated_shares}
            contracts |= {name: values for name, values in own.items() if np.isfinite(values).any()}
        factors = _declared(self.past_factors) if self.settings.hedges_factors_in_past else {}
        unread = () if self.settings.hedge_in_past == "Y" else [each.name for each in fields(Hedging)]
        settings = {name: value for name, value in self.settings.read_by("backtest").items() if name not in unread}
        return _digest(
            settings,
            contracts,
            self.limits,
            _declared(self.history),
            factors,
            *_written_tiers(self),
            *_written_policy(self),
        )

    def _target_fingerprint(self) -> str:
        """Without what no target follows from (overlay, tiers, scenarios ...), though Risk and Positions show it."""
        in_book = self.universe.in_book
        universe = self.universe.select(in_book)
        unread = (
            *OVERLAY_COLUMNS,
            *MARGIN_COLUMNS,
            *BOOKKEEPING,
            *self._unread_stops,
            *(() if self.settings.model == "beta_neutral" else ("hedges",)),
        )
        contracts = {name: value for name, value in _declared(universe).items() if name not in unread}
        limits = {name: values if values.size == 1 else values[in_book] for name, values in self.limits.items()}
        panel = self.panel.select(universe.symbols)
        return _digest(
            self.settings.read_by("rebalance"),
            contracts,
            limits,
            _declared(panel),
            *self._learned_from(self.settings.learns),
            *self._of_a_policy(),
        )

    def _learned_from(self, learns: bool) -> list[Mapping[str, object]]:
        """The rows before the window too, where something is learned from them."""
        return [_declared(self.history)] if learns else []

    def _of_a_policy(self) -> list[dict[str, Any]]:
        """What Rebalance goes by where it follows a trained policy: all that a backtest does, for its kill switch."""
        followed = not isinstance(self.trained, str | None)
        return [{"past": self._past_fingerprint()}] if followed else _written_policy(self)


def _written_tiers(desk: Desk) -> list[dict[str, Any]]:
    """What each contract's tiers hold; nothing where it has none."""
    return [
        {"tiers of": symbol, **({} if tiers is None else _declared(tiers))}
        for symbol, tiers in zip(desk.universe.symbols, desk.tiers, strict=True)
    ]


def _written_policy(desk: Desk) -> list[dict[str, Any]]:
    """The trained policy as its file holds it, or why there is none; nothing where no model asks for it."""
    if desk.trained is None:
        return []
    if isinstance(desk.trained, str):
        return [{"trained": desk.trained}]
    from ..policy_text import written_policy

    return [{"trained": written_policy(desk.trained)}]


def _declared(record: Any) -> dict[str, Any]:
    """What a record was given, in the order of its fields: an answer that it keeps for later is no input."""
    given = vars(record)
    return {each.name: given[each.name] for each in fields(record)}


def _digest(*parts: Mapping[str, object]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        for name, value in part.items():
            digest.update(f"{name}=".encode())
            digest.update(
                np.ascontiguousarray(value).tobytes() if isinstance(value, np.ndarray) else f"{value!r}".encode()
            )
    return digest.hexdigest()[:12]
