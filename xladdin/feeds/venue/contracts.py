"""The contracts of a venue: the desk's symbol, ccxt's and the venue's own, in one table.

    desk          ccxt            Binance       OKX             Deribit          Kraken Futures
    BTCUSDT       BTC/USDT:USDT   BTCUSDT       BTC-USDT-SWAP
    BTCUSD        BTC/USD:BTC     BTCUSD_PERP   BTC-USD-SWAP    BTC-PERPETUAL    PI_XBTUSD
    1000PEPEUSDT  1000PEPE/USDT:USDT

The desk writes base and quote without a sign between. Where a venue has a linear and another contract of the same pair,
the other one bears its settlement coin too: BTCUSD and BTCUSD:BTC. A symbol may be given in any of the three ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from core.checks import nearest
from core.errors import ArgumentError, FeedError, listed
from core.records import dataclass

from ...symbols import read_symbol
from .client import Client

__all__ = ["Contract", "Contracts", "Settled"]

Settled = Literal["linear", "inverse", "quanto"]


@dataclass(frozen=True)
class Contract:
    """A perpetual of a venue.

    symbol     the desk's
    unified    ccxt's
    venue_id   the venue's own
    base       coin that it is of
    settled    linear: in the quote currency; inverse: in the coin itself; quanto: in a third
    settle     coin in which profit and funding are paid
    size       coins of one contract; of an inverse one its value in quote currency
    lot, tick  smallest step of an order in contracts, and of a price; None where the venue does not say
    taker, maker  fees as shares of notional, without any discount; None where the venue does not say
    max_leverage  of the first tier; None where the venue does not say
    listed_at  seconds since 1970; None where the venue does not say
    trades     whether it can be traded now
    """

    symbol: str
    unified: str
    venue_id: str
    base: str
    settled: Settled
    settle: str
    size: float
    lot: float | None
    tick: float | None
    taker: float | None
    maker: float | None
    max_leverage: float | None
    listed_at: int | None
    trades: bool


class Contracts:
    """The perpetuals of a venue, found by any of their names."""

    def __init__(self, title: str, contracts: Iterable[Contract]) -> None:
        self._title = title
        self._by_symbol = {contract.symbol: contract for contract in contracts}
        self._by_name: dict[str, Contract] = {}
        for contract in self._by_symbol.values():
            for name in (contract.unified, contract.venue_id):
                self._by_name.setdefault(name.upper(), contract)

    @classmethod
    def of(cls, client: Client) -> Contracts:
        """What the venue lists now. Raises UnreachableError, FeedError."""
        return cls(client.venue.title, _named(client.markets()))

    @property
    def symbols(self) -> tuple[str, ...]:
        """As the desk writes them, in order."""
        return tuple(sorted(self._by_symbol))

    def settles(self, settled: Settled) -> tuple[str, ...]:
        """The coins in which contracts of a kind settle, in order."""
        return tuple(sorted({each.settle for each in self._by_symbol.values() if each.settled == settled}))

    def __contains__(self, symbol: str) -> bool:
        """Whether there is a contract of this name. Raises FeedError for what is no name."""
        return self._found(_read(symbol)) is not None

    def __getitem__(self, symbol: str) -> Contract:
        """The contract of this name. Raises FeedError that names the nearest one."""
        wanted = _read(symbol)
        found = self._found(wanted)
        if found is None:
            raise FeedError(
                f"{self._title} has no perpetual '{wanted}'{nearest(wanted, self.symbols)}; it has: "
                f"{listed(self.symbols)}"
            )
        return found

    def _found(self, wanted: str) -> Contract | None:
        return self._by_symbol.get(wanted) or self._by_name.get(wanted) or self._only_one_of(wanted)

    def _only_one_of(self, coin: str) -> Contract | None:
        """The contract of a coin by its name alone, where there is one only."""
        found = [contract for contract in self._by_symbol.values() if contract.base == coin]
        return found[0] if len(found) == 1 else None


def _read(symbol: str) -> str:
    try:
        return read_symbol(symbol)
    except ArgumentError as error:
        raise FeedError(str(error)) from error


def _named(markets: Mapping[str, Mapping[str, Any]]) -> list[Contract]:
    """The perpetuals among markets; linear ones are named first. One whose name no cell may hold is left out."""
    found: dict[str, Contract] = {}
    swaps = [market for market in markets.values() if market.get("swap")]
    for market in sorted(swaps, key=lambda market: (_settled(market) != "linear", str(market["symbol"]))):
        plain = f"{market['base']}{market['quote']}"
        for name in (plain, f"{plain}:{market['settle']}"):
            try:
                symbol = read_symbol(name)
            except ArgumentError:
                break
            if symbol not in found:
                found[symbol] = _contract(symbol, market)
                break
    return list(found.values())


def _contract(symbol: str, market: Mapping[str, Any]) -> Contract:
    precision, leverage = market.get("precision") or {}, (market.get("limits") or {}).get("leverage") or {}
    created = market.get("created")
    return Contract(
        symbol,
        str(market["symbol"]),
        str(market["id"]),
        str(market["base"]).upper(),
        _settled(market),
        str(market["settle"]),
        float(market.get("contractSize") or 1.0),
        _number(precision.get("amount")),
        _number(precision.get("price")),
        _number(market.get("taker")),
        _number(market.get("maker")),
        _number(leverage.get("max") or (market.get("info") or {}).get("max_leverage")),
        None if created is None else int(created) // 1000,
        market.get("active") is not False,
    )


def _settled(market: Mapping[str, Any]) -> Settled:
    if market["settle"] == market["quote"]:
        return "linear"
    return "inverse" if market["settle"] == market["base"] else "quanto"


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
