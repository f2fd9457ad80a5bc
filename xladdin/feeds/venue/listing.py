"""A contract as a venue lists it, in the desk's units: from what the store keeps of its terms and margin tiers.

The desk counts a linear contract in coins and an inverse one in quote currency, as contracts of 1:

    lot              lot of the venue x size of a contract, unless the venue counts orders as the desk does (Deribit)
    tiers, linear    notional in quote    contracts x size x price, where the venue counts contracts (OKX)
    tiers, inverse   notional in coins    contracts x size / price, where it counts contracts (OKX, Kraken)

A tier begins where the one below it ends. What a venue does not show without a key is None, or no tiers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from core.errors import ArgumentError, MissingDataError, say
from core.market.tiers import Tiers
from core.records import dataclass

from ..store.documents import kept_document
from ..store.store import Store
from .contracts import Settled
from .declared import Venue
from .terms import TERMS, TIERS

__all__ = ["Listing", "TierRow", "listings"]

TierRow = tuple[float, float, float, float]
"""From and to (NaN: no end), in quote of a linear contract and in coins of an inverse one; rate; largest leverage."""

EXACT = 12
"""Significant digits of what was multiplied: 0.1 x 0.01 is 0.001."""


@dataclass(frozen=True)
class Listing:
    """One contract of a venue; None where the venue does not say.

    base              coin that it is of
    settled           linear or inverse
    lot, tick         smallest step of an order, in the desk's contracts, and of a price
    taker_fee         share of notional, before any discount
    max_leverage      of the first tier
    maintenance_rate  of the first tier, a share of notional
    tiers             smallest notional first; none where the venue shows none
    """

    base: str
    settled: Settled
    lot: float | None
    tick: float | None
    taker_fee: float | None
    max_leverage: float | None
    maintenance_rate: float | None
    tiers: tuple[TierRow, ...]


def listings(store: Store, venue: Venue, prices: Mapping[str, float], as_of: int | None = None) -> dict[str, Listing]:
    """The contracts of `prices` that the store knows, by symbol.

    Args:
        store: where terms and tiers are kept.
        venue: of which venue.
        prices: the price of each contract, at which tiers in contracts are notionals.
        as_of: ms since 1970: as they were known then; None: as they are.

    Tiers that no position could be held against are left out, which a DataWarning says. Raises FeedError.
    """
    terms, tiers = (_kept(store, venue, name, as_of) for name in (TERMS, TIERS))
    return {
        symbol: _listing(venue, symbol, terms[symbol], tiers.get(symbol, ()), price)
        for symbol, price in prices.items()
        if symbol in terms
    }


def _kept(store: Store, venue: Venue, name: str, as_of: int | None) -> dict[str, Any]:
    kept = kept_document(store, venue.name, name, as_of)
    return {} if kept is None else kept[0]


def _listing(venue: Venue, symbol: str, terms: Mapping[str, Any], tiers: Any, price: float) -> Listing:
    rows = _tiers(venue, symbol, terms, tiers, price)
    leverage: float | None = rows[0][3] if rows else terms["max_leverage"]
    rate = rows[0][2] if rows else None
    if not rows and leverage and venue.maintenance_share is not None:
        rate = venue.maintenance_share / leverage
    lot, size, taker = terms["lot"], terms["size"], terms["taker"]
    return Listing(
        base=terms["base"],
        settled=terms["settled"],
        lot=lot if lot is None or not venue.orders_in_contracts else _exact(lot * size),
        tick=terms["tick"],
        taker_fee=taker if venue.list_fee is None else venue.list_fee,
        max_leverage=leverage,
        maintenance_rate=rate,
        tiers=rows,
    )


def _tiers(venue: Venue, symbol: str, terms: Mapping[str, Any], tiers: Any, price: float) -> tuple[TierRow, ...]:
    """The tiers in the currency that the desk counts them in; none that contradict each other."""
    if not tiers:
        return ()
    unit = 1.0
    if terms["settled"] in venue.tiers_in_contracts:
        unit = terms["size"] * (price if terms["settled"] == "linear" else 1 / price)
    ends = [_number(tier["to"]) * unit for tier in tiers]
    begins = [0.0, *ends[:-1]]
    rates, leverages = ([_number(tier[name]) for tier in tiers] for name in ("maintenance_rate", "leverage"))
    rows = list(zip(map(_exact, begins), map(_exact, ends), rates, leverages, strict=True))
    try:
        Tiers.from_rows([[begin, end, rate, math.nan, leverage] for begin, end, rate, leverage in rows])
    except (ArgumentError, MissingDataError) as error:
        say(f"the margin tiers of {symbol} that {venue.title} shows were not taken: {error}")
        return ()
    return tuple(rows)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _exact(value: float) -> float:
    """Without the rounding of a product."""
    return float(f"{value:.{EXACT}g}")
