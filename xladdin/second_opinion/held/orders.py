"""The order list: netted anew of the trades that stand on Weights and Hedge, cell by cell."""

from __future__ import annotations

import math
from typing import Any

from ..decided.hedge import Hedging
from ..decided.orders import dust_of_weights, in_lots, is_dust
from ..inferred.estimates import Estimates
from ..inferred.past import next_settlement
from ..inputs import Inputs
from ..stressed.positions import on_tick
from ..ties import as_shown
from .largest import SHOWN, by_size
from .sheets import Sheets, numbers_of

__all__ = ["hold_orders"]

HEDGE_ALONE = "Hedge alone"
REASONS = ("Rebalance", "Hedge")
CENT = 0.01
"""Less is the rounding of a search, and nothing that was left out."""
WORDS = "words, that say of an order what its figures say"
DAY = 24 * 365


def hold_orders(sheets: Sheets, estimates: Estimates, hedging: Hedging | None) -> None:
    """The tables Orders, OrdersSummary and OrderBars; the trades themselves, `hedging` among them, have theirs."""
    trades, made_of = _wanted(sheets)
    dust: list[float] = []
    rows = [row for symbol in sheets.inputs.universe.index for row in _row(sheets, estimates, symbol, trades, dust)]
    order = as_shown(
        [row["Symbol"] for row in rows],
        sheets.book.table("Orders").column("Symbol"),
        [float(row["ReduceOnly"] == "Y") for row in rows],
        [row["Notional"] for row in rows],
    )
    rows = [rows[place] for place in order]
    unknown = estimates.missing.get("FundingAnnual")
    sheets.hold("Orders", rows, {"Orders.Note": WORDS, **({"Orders.Funding": unknown} if unknown else {})})
    _bars(sheets, rows)
    values = _summary(sheets, rows, trades)
    waiting = 0 if made_of == HEDGE_ALONE else sheets.book.table("Weights").column("Side").count("WAIT")
    values |= {"Made of": made_of, "Waiting for the clock": float(waiting), "Beside this list": _beside(sheets)}
    sheets.hold_measures("OrdersSummary", values | _dust(sheets, hedging, dust), _untold(sheets, hedging))


def _wanted(sheets: Sheets) -> tuple[dict[str, tuple[float, float]], str]:
    """What Weights and Hedge trade of each contract, and which of them count."""
    weights, hedge = sheets.book.table("Weights"), sheets.book.table("Hedge")
    apart = sheets.inputs.words["BookBasis"] == "current" and bool(hedge.rows)
    counted = bool(weights.rows) and not apart
    first: dict[str, float] = {}
    if counted:
        first = dict(zip(map(str, weights.column("Symbol")), numbers_of(weights, "Contracts"), strict=True))
    second = dict(zip(map(str, hedge.column("Hedge")), numbers_of(hedge, "TradeContracts"), strict=True))
    told = "Weights + Hedge" if counted and hedge.rows else "Weights alone" if counted else HEDGE_ALONE
    return {name: (first.get(name, 0.0), second.get(name, 0.0)) for name in sheets.inputs.universe.index}, told


def _row(
    sheets: Sheets, estimates: Estimates, symbol: str, trades: dict[str, tuple[float, float]], dust: list[float]
) -> list[dict[str, Any]]:
    """One row, or none; what is too small goes to the dust."""
    inputs = sheets.inputs
    terms: dict[Any, Any] = inputs.universe.loc[symbol].to_dict()
    value, price = float(inputs.contract_values[symbol]), float(terms["Price"])
    order = in_lots(sum(trades[symbol]), float(terms["Lot"]))
    if is_dust(inputs, order * value):
        dust.append(order * value)
        return []
    if not order:
        return []
    held = float(terms["Position"] + terms["OverlayPosition"])
    side, size = math.copysign(1.0, order), abs(order) * value
    stated = price * (1 + side * float(terms["SlippageBps"]) / 10_000)
    hours, due = next_settlement(*_settled(inputs, symbol))
    rate = float(estimates.table.at[symbol, "FundingAnnual"])
    own, other = trades[symbol]
    return [
        {
            "Symbol": symbol,
            "Side": "BUY" if order > 0 else "SELL",
            "Contracts": abs(order),
            "Notional": size,
            "LimitPrice": on_tick(stated, float(terms["Tick"]), -side) or stated,
            "Reason": "both" if own and other else "rebalance" if own else "hedge",
            "Rebalance": own or None,
            "Hedge": other or None,
            "ReduceOnly": "Y" if held * order < 0 and abs(order) <= abs(held) * (1 + 1e-12) else "N",
            "PositionBefore": held,
            "PositionAfter": held + order,
            "Fee": size * float(terms["TakerFeeBps"]) / 10_000,
            "Slippage": size * float(terms["SlippageBps"]) / 10_000,
            "Funding": None if hours is None else order * value * rate * hours / DAY,
            "Settles": due,
            "MarginBefore": abs(held) * value / float(terms["MaxLeverage"]),
            "MarginAfter": abs(held + order) * value / float(terms["MaxLeverage"]),
        }
    ]


def _settled(inputs: Inputs, symbol: str) -> tuple[Any, Any, Any, float]:
    """What is known of a contract's settlements in the window."""
    rows = slice(-(int(inputs.number("Window")) + 1), None)
    closes, funding, unread = (each[symbol].iloc[rows] for each in (inputs.closes, inputs.funding, inputs.unread))
    return closes, funding, unread, inputs.number("BarHours")


def _summary(sheets: Sheets, rows: list[dict[str, Any]], trades: dict[str, tuple[float, float]]) -> dict[str, Any]:
    inputs = sheets.inputs
    terms, values, equity = inputs.universe, inputs.contract_values, inputs.number("Equity")
    before = (terms["Position"] + terms["OverlayPosition"]).abs() * values / terms["MaxLeverage"]
    after = before.copy()
    for row in rows:
        after[row["Symbol"]] = row["MarginAfter"]
    locked = float(after.sum())
    funding = [row["Funding"] for row in rows if row["Funding"] is not None and not math.isnan(row["Funding"])]
    saved = [
        (abs(own) + abs(other) - abs(own + other))
        * float(values[name])
        * float(terms.at[name, "TakerFeeBps"] + terms.at[name, "SlippageBps"])
        / 10_000
        for name, (own, other) in trades.items()
    ]
    return {
        "Orders": float(len(rows)),
        "Bought": math.fsum(row["Notional"] for row in rows if row["Side"] == "BUY"),
        "Sold": math.fsum(row["Notional"] for row in rows if row["Side"] == "SELL"),
        "Only closing": float(sum(row["ReduceOnly"] == "Y" for row in rows)),
        "Fee": math.fsum(row["Fee"] for row in rows),
        "Slippage": math.fsum(row["Slippage"] for row in rows),
        "Funding": math.fsum(funding) if funding or not rows else None,
        "Saved by netting": math.fsum(saved),
        "Without a tick": float(sum(_off_grid(inputs, row) for row in rows)),
        "Initial margin before": float(before.sum()),
        "Initial margin after": locked,
        "Margin used after": locked / equity,
        "Headroom after": equity - locked,
    }


def _dust(sheets: Sheets, hedging: Hedging | None, netted: list[float]) -> dict[str, Any]:
    """What was left out: of the weights, of the hedge, and once the two were netted."""
    weights = sheets.book.table("Weights")
    symbols = [str(symbol) for symbol in weights.column("Symbol")]
    found = [*netted, *dust_of_weights(sheets.inputs, symbols, numbers_of(weights, "Final"), weights.column("Side"))]
    found += [] if hedging is None else hedging.dust.tolist()
    found = [amount for amount in found if abs(amount) >= CENT]
    return {"Left out as dust": float(len(found)), "Worth of the dust": math.fsum(map(abs, found))}


def _beside(sheets: Sheets) -> float:
    """How many hedges are traded that are no contract of the table Hedge."""
    chosen, hedge = sheets.book.table("HedgeChoice"), sheets.book.table("Hedge").column("Hedge")
    trades = zip(chosen.column("Instrument"), numbers_of(chosen, "Trade"), strict=True)
    return float(sum(bool(units) and name not in hedge for name, units in trades))


def _untold(sheets: Sheets, hedging: Hedging | None) -> dict[str, str]:
    """Why the dust is not stated, where the trades of the hedge are not."""
    if not sheets.book.table("Hedge").rows or (hedging is not None and hedging.trades is not None):
        return {}
    names = ("OrdersSummary.Left out as dust", "OrdersSummary.Worth of the dust")
    return dict.fromkeys(names, "the trades that the hedge left out have no second statement here")


def _off_grid(inputs: Inputs, row: dict[str, Any]) -> bool:
    """Whether its limit could not be rounded."""
    tick = float(inputs.universe.at[row["Symbol"], "Tick"])
    return (
        not tick or abs(row["LimitPrice"] / tick - round(row["LimitPrice"] / tick)) > 1e-6 or row["LimitPrice"] < tick
    )


def _bars(sheets: Sheets, rows: list[dict[str, Any]]) -> None:
    """The part of each reason, in money, of the largest orders and of the others."""
    sizes = numbers_of(sheets.book.table("Orders"), "Notional")
    order = by_size([sizes if len(sizes) == len(rows) else [row["Notional"] for row in rows]])
    parts = [
        {"Symbol": row["Symbol"], **{name: (row[name] or 0.0) * row["Notional"] / row["Contracts"] for name in REASONS}}
        for row in (rows[place] for place in order)
    ]
    shown, others = parts[:SHOWN], parts[SHOWN:]
    if others:
        told = "1 other" if len(others) == 1 else f"{len(others)} others"
        shown.append({"Symbol": told, **{name: math.fsum(each[name] for each in others) for name in REASONS}})
    sheets.hold("OrderBars", shown)
