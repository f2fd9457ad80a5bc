"""An account of a venue, read with a key: what it may do, then what is held and what the account is worth.

A key that may do more than read is refused before anything else is asked, wherever the venue tells what it may do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from core.errors import AccountError, FeedError, listed

from ..store.documents import kept_document
from ..store.store import Store
from ..venue.client import Client, Line
from ..venue.contracts import Contract, Contracts
from ..venue.declared import Venue
from ..venue.terms import TERMS, read_activity
from .binance import BINANCE, BINANCE_COIN
from .bybit import BYBIT
from .deribit import DERIBIT
from .gate import GATE
from .hyperliquid import HYPERLIQUID
from .interface import Interface
from .key import Key
from .keyed import KeyedClient
from .kraken import KRAKEN
from .okx import OKX
from .positions import Account, Leg, Position, Side, net

__all__ = ["INTERFACES", "kept_sizes", "read_account"]

INTERFACES: Mapping[str, Interface] = {
    "binanceusdm": BINANCE,
    "binancecoinm": BINANCE_COIN,
    "bybit": BYBIT,
    "okx": OKX,
    "gate": GATE,
    "deribit": DERIBIT,
    "hyperliquid": HYPERLIQUID,
    "krakenfutures": KRAKEN,
}
"""By ccxt's name of the exchange."""

DOLLARS = ("USD", "USDT", "USDC", "USDE", "FDUSD", "BUSD", "DAI", "USDB", "USDD")
"""Coins that are taken to be worth a dollar each."""

ODD = (KeyError, TypeError, ValueError, IndexError, AttributeError)
"""What an answer of another shape than documented raises."""


def read_account(venue: Venue, line: Line, key: Key) -> Account:
    """What the account of a key holds. Raises UnreachableError, FeedError, NotInstalledError; none shows the key."""
    interface, public = INTERFACES[venue.exchange], Client(venue, line)
    keyed = KeyedClient(venue, line, key, interface.reads, public.skew, interface.access)
    contracts = Contracts.of(public)

    def worth(coin: str) -> float:
        return 1.0 if coin in DOLLARS else _price(public, contracts, coin)

    odd = ""
    try:
        _refuse_more_than_reading(venue, interface.may_do(keyed))
        legs = interface.legs(keyed, contracts)
        equity = interface.equity(keyed, contracts, worth)
    except ODD as error:
        odd = f"field {error}" if isinstance(error, KeyError) else type(error).__name__
    if odd:  # told here, so that the error has no other behind it that shows what came
        raise AccountError(
            f"{venue.title} sent something of the account that is not as documented ({odd}); update PerpDesk, or use "
            "an export with --file"
        )
    if not math.isfinite(equity.worth):
        raise AccountError(f"{venue.title} does not say what the account is worth; look whether the key may read it")
    positions, strangers = _positions(public, contracts, legs, interface)
    notes = [*_netted(positions), *equity.notes]
    if strangers:
        notes.append(
            f"left out, as they are no perpetuals that {venue.title} lists: {listed(strangers)}; no job counts them"
        )
    return Account(venue.title, tuple(positions), equity.worth, tuple(notes))


def kept_sizes(venue: Venue, store: Store) -> dict[str, float] | None:
    """How much a contract of a venue is, by each of its names in capitals, as a store knows; None: it counts coins."""
    if not INTERFACES[venue.exchange].in_contracts:
        return None
    kept = kept_document(store, venue.name, TERMS)
    return {
        str(terms[name]).upper(): float(terms["size"])
        for terms in (kept[0] if kept else {}).values()
        for name in ("symbol", "unified", "venue_id")
    }


def _refuse_more_than_reading(venue: Venue, may: tuple[str, ...]) -> None:
    """Nothing for a key that may only read. Raises AccountError that says what else it may do."""
    if may:
        raise AccountError(
            f"the key for {venue.title} may do more than read ({listed(may)}), and was not used; make one that may "
            "only read"
        )


def _positions(
    public: Client, contracts: Contracts, legs: list[Leg], interface: Interface
) -> tuple[list[Position], list[str]]:
    """The positions by contract, and what is no perpetual of the venue's list."""
    known: dict[str, Contract] = {}
    sides: dict[str, list[Side]] = {}
    strangers = []
    for leg in legs:
        try:
            contract = contracts[leg.name]
        except FeedError:
            strangers.append(f"{leg.name} {leg.side.quantity:g}")
            continue
        if contract.settled == "quanto":
            strangers.append(f"{contract.symbol} {leg.side.quantity:g} (settles in {contract.settle})")
            continue
        known[contract.symbol] = contract
        sides.setdefault(contract.symbol, []).append(leg.side)
    marks = _marks(public, [known[symbol] for symbol, each in sides.items() if any(_unpriced(side) for side in each)])
    found = []
    for symbol, each in sides.items():
        contract = known[symbol]
        inverse = contract.settled == "inverse"
        size = contract.size if interface.in_contracts else 1.0
        held = [_on_desk(side, size, marks.get(symbol, math.nan), inverse=inverse) for side in each]
        found.append(Position(symbol, inverse, net(symbol, held, inverse), len(held)))
    return found, strangers


def _on_desk(side: Side, size: float, mark: float, *, inverse: bool) -> Side:
    """A side in the desk's units; what is in coin is worth its price now."""
    priced = replace(side, mark=mark) if _unpriced(side) else side
    return priced.on_desk(size, priced.mark if inverse else 1.0)


def _unpriced(side: Side) -> bool:
    return not side.mark > 0


def _marks(public: Client, contracts: list[Contract]) -> dict[str, float]:
    """The prices now of contracts whose positions come without one."""
    if not contracts:
        return {}
    found = read_activity(public, contracts)
    prices = {symbol: each["mark"] or each["last"] for symbol, each in found.items()}
    return {symbol: price for symbol, price in prices.items() if price}


def _price(public: Client, contracts: Contracts, coin: str) -> float:
    """The price of a coin in USD, by its perpetual. Raises AccountError where the venue has none."""
    quoted = [f"{coin}{quote}" for quote in ("USDT", "USD", "USDC")]
    symbol = next((symbol for symbol in quoted if symbol in contracts.symbols), None)
    price = None if symbol is None else _marks(public, [contracts[symbol]]).get(symbol)
    if price is None:
        raise AccountError(
            f"{public.venue.title} has no price of {coin}, which the account holds; type Equity on Settings"
        )
    return price


def _netted(positions: list[Position]) -> list[str]:
    return [
        f"{each.symbol} is held long and short in {each.sides} positions, netted to {each.held.quantity:g}; the venue "
        "margins each side"
        for each in positions
        if each.sides > 1
    ]
