"""Deribit version 2: candles as columns; funding by the hour, beside a running figure of eight."""

from __future__ import annotations

from typing import Any

from .tape import HOUR, MS, Listed, Tape

HOURS = {"60": 1, "120": 2, "180": 3, "360": 6, "720": 12, "1D": 24}
MOST = 744


def answer(tape: Tape, path: str, query: dict[str, str]) -> Any:
    name = path.removeprefix("/api/v2/public/")
    if name == path:
        raise KeyError(path)
    return {"jsonrpc": "2.0", "result": _result(tape, name, query), "testnet": False}


def _result(tape: Tape, name: str, query: dict[str, str]) -> Any:
    if name == "get_time":
        return int(tape.now * MS)
    if name == "get_instruments":
        return [_instrument(each) for each in tape.contracts]
    if name == "get_book_summary_by_currency":
        return [_ticker(tape, each) for each in tape.contracts if query["currency"] == each.settle]
    if name == "get_volatility_index_data":
        return {"data": _index(tape, query), "continuation": None}
    contract = next(each for each in tape.contracts if _id(each) == query["instrument_name"])
    start, end = int(query["start_timestamp"]), int(query["end_timestamp"])
    if name == "get_funding_rate_history":
        paid = [(at * MS, float(rate)) for at, rate in tape.settlements(contract)]
        running = [sum(rate for _, rate in paid[max(0, place - 7) : place + 1]) for place in range(len(paid))]
        rows = [
            {"timestamp": at, "index_price": 1.0, "prev_index_price": 1.0, "interest_8h": eight, "interest_1h": rate}
            for (at, rate), eight in zip(paid, running, strict=True)
            if start <= at <= end
        ]
        return rows[-MOST:]
    if name != "get_tradingview_chart_data":
        raise KeyError(name)
    bars = [bar for bar in tape.bars(contract, HOURS[query["resolution"]]) if start <= bar.time * MS <= end][:5001]
    columns = {
        field: [float(bar.prices[place]) for bar in bars]
        for place, field in enumerate(("open", "high", "low", "close"))
    }
    return {
        "status": "ok" if bars else "no_data",
        "ticks": [bar.time * MS for bar in bars],
        "volume": [float(bar.volume) for bar in bars],
        "cost": [float(bar.volume) * bar.close for bar in bars],
        **columns,
    }


def _index(tape: Tape, query: dict[str, str]) -> list[list[float]]:
    """Candles of the index, the last one perhaps unfinished; each moves a little, and is another from hour to hour."""
    step = int(query["resolution"])
    start, end = (int(query[name]) // MS for name in ("start_timestamp", "end_timestamp"))
    first = -(-start // step) * step
    return [[at * MS, *tape.implied(query["currency"], at)] for at in range(first, min(end, int(tape.now)) + 1, step)]


def _id(contract: Listed) -> str:
    return f"{contract.base}-PERPETUAL" if contract.inverse else f"{contract.base}_{contract.quote}-PERPETUAL"


def _instrument(contract: Listed) -> dict[str, Any]:
    return {
        "kind": "future",
        "instrument_name": _id(contract),
        "base_currency": contract.base,
        "counter_currency": contract.quote,
        "quote_currency": contract.quote,
        "settlement_currency": contract.settle,
        "settlement_period": "perpetual",
        "instrument_type": "reversed" if contract.inverse else "linear",
        "expiration_timestamp": 32503708800000,
        "creation_timestamp": contract.listed_at * MS or 1534167754000,
        "contract_size": contract.size,
        "min_trade_amount": contract.lot,
        "tick_size": contract.tick,
        "max_leverage": 50,
        "maker_commission": 0.0,
        "taker_commission": 0.0005,
        "is_active": True,
    }


def _ticker(tape: Tape, contract: Listed) -> dict[str, Any]:
    last = tape.bars(contract)[-1]
    return {
        "instrument_name": _id(contract),
        "base_currency": contract.base,
        "quote_currency": contract.quote,
        "last": last.close,
        "mark_price": last.close,
        "high": float(last.prices[1]),
        "low": float(last.prices[2]),
        "volume": 900.5,
        "volume_usd": 900.5 * last.close,
        "open_interest": 4321.0,
        "creation_timestamp": int(tape.now // HOUR) * HOUR * MS,
    }
