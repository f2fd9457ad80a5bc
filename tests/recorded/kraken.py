"""Kraken Futures: charts of 2,000 candles, all settlements at once, the time with every answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .tape import MS, Listed, Tape

HOURS = {"1h": 1, "4h": 4, "12h": 12, "1d": 24}


def answer(tape: Tape, path: str, query: dict[str, str]) -> Any:
    if path.startswith("/api/charts/v1/"):
        price, symbol, interval = path.removeprefix("/api/charts/v1/").split("/")
        contract = _named(tape, symbol)
        start, end = int(query.get("from", 0)), int(query.get("to", 1e12))
        kind = {"trade": "bars", "mark": "mark"}[price]
        rows = [bar for bar in tape.bars(contract, HOURS[interval], kind) if start <= bar.time <= end][:2000]
        return {"candles": [_candle(bar, contract, kind) for bar in rows], "more_candles": len(rows) == 2000}
    name = path.removeprefix("/derivatives/api/v3/").removeprefix("/derivatives/api/v4/")
    said = {"result": "success", "serverTime": _iso(tape.now)}
    if name == "instruments":
        return {**said, "instruments": [_instrument(each) for each in tape.contracts]}
    if name == "tickers":
        return {**said, "tickers": [_ticker(tape, each) for each in tape.contracts]}
    if name in ("historicalfundingrates", "historical-funding-rates"):
        rows = tape.settlements(_named(tape, query["symbol"]))
        return {
            **said,
            "rates": [{"timestamp": _iso(at), "fundingRate": "0.8", "relativeFundingRate": rate} for at, rate in rows],
        }
    raise KeyError(path)


def _named(tape: Tape, symbol: str) -> Listed:
    return next(each for each in tape.contracts if _id(each).lower() == symbol.lower())


def _id(contract: Listed) -> str:
    base = "XBT" if contract.base == "BTC" else contract.base
    return f"{'PI' if contract.inverse else 'PF'}_{base}USD"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _candle(bar: Any, contract: Listed, kind: str) -> dict[str, Any]:
    amount = float(bar.volume) * bar.close if contract.inverse else float(bar.volume)
    names = ("open", "high", "low", "close")
    return {
        "time": bar.time * MS,
        **dict(zip(names, bar.prices, strict=True)),
        "volume": amount if kind == "bars" else 0,
    }


def _instrument(contract: Listed) -> dict[str, Any]:
    levels = (("contracts", 0, 0.02, 0.01), ("contracts", 250000, 0.04, 0.02))
    return {
        "symbol": _id(contract),
        "type": "futures_inverse" if contract.inverse else "flexible_futures",
        "tickSize": contract.tick,
        "contractSize": contract.size,
        "contractValueTradePrecision": 0 if contract.inverse else 3,
        "tradeable": True,
        "openingDate": _iso(contract.listed_at or 1577836800),
        "marginLevels": [
            {unit: at, "initialMargin": initial, "maintenanceMargin": kept} for unit, at, initial, kept in levels
        ],
    }


def _ticker(tape: Tape, contract: Listed) -> dict[str, Any]:
    last = tape.bars(contract)[-1]
    return {
        "symbol": _id(contract),
        "pair": f"{contract.base}:USD",
        "tag": "perpetual",
        "last": last.close,
        "lastTime": _iso(tape.now),
        "markPrice": last.close,
        "open24h": float(last.prices[0]),
        "vol24h": 900.5,
        "volumeQuote": 900.5 * last.close,
        "openInterest": 4321.0,
        "suspended": False,
    }
