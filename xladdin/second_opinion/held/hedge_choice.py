"""The sheet HedgeChoice: what each hedge costs and buys, and the sensitivities of the options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..decided.hedge import Hedging
from ..decided.weighed import Weighed, weighed_of
from ..inferred.estimates import Estimates
from ..inferred.instruments import Instrument
from ..stressed.beside import Beside, beside_of
from ..stressed.positions import account_of
from ..stressed.stress import made_by_scenario
from ..tables import Series
from .sheets import Sheets, numbers_of

__all__ = ["hold_hedge_choice"]

IN_LOTS = "whole lots near the optimum, which without lots is held to another solver's"
AS_GOOD = "other trades cost as little"
NOT_CHOSEN = "the optimum of several factors has no second statement; what its trades cost and bring has"


def hold_hedge_choice(
    sheets: Sheets,
    estimates: Estimates,
    hedging: Hedging,
    instruments: Sequence[Instrument],
    units: Sequence[float],
    contracts: Series,
    exposed: Series,
) -> None:
    """Both tables; the trades on the sheet count as given where other trades could be as good."""
    block = sheets.book.table("HedgeChoice")
    weighed = weighed_of(sheets.inputs, estimates, hedging, instruments, units, contracts, exposed)
    traded = numbers_of(block, "Trade")
    names = [*weighed.symbols, *(each.name for each in instruments)]
    if list(block.column("Instrument")) != names:
        sheets.hold("HedgeChoice", [{"Instrument": name} for name in names])
        return
    rows = _rows(sheets, estimates, weighed, instruments, traded, contracts)
    reasons, excuses = {}, {}
    if weighed.best is not None:
        for row, money, price in zip(rows, weighed.best, weighed.prices, strict=True):
            row["Trade"] = money / price if price else 0.0
        excuses = _as_cheap(weighed, traded)
    elif hedging.due:
        reasons = {"HedgeChoice.Trade": IN_LOTS if len(hedging.names) == 1 else NOT_CHOSEN}
    sheets.hold("HedgeChoice", rows, reasons, excuses)
    options = [each for each in instruments if each.kind == "option"]
    if options:
        sheets.hold("HedgeOptions", [_sensitivities(each) for each in options])


def _rows(
    sheets: Sheets,
    estimates: Estimates,
    weighed: Weighed,
    instruments: Sequence[Instrument],
    traded: Sequence[float],
    contracts: Series,
) -> list[dict[str, Any]]:
    inputs, count = sheets.inputs, len(weighed.symbols)
    after = [held + trade for held, trade in zip(weighed.held.tolist(), traded, strict=True)]
    book = contracts.copy()
    for symbol, trade in zip(weighed.symbols, traded, strict=False):
        book[symbol] += trade
    whole = beside_of(inputs, instruments, after[count:])
    worst, own = _worst(sheets, estimates, book, whole, weighed, after, instruments)
    kinds = [*["perp"] * count, *(each.kind for each in instruments)]
    rows = []
    for place, name in enumerate([*weighed.symbols, *(each.name for each in instruments)]):
        money = traded[place] * float(weighed.prices[place])
        paid = money * float(weighed.paid[place])
        stands = after[place] * float(weighed.prices[place])
        is_option = kinds[place] == "option"
        rows.append(
            {
                "Instrument": name,
                "Kind": kinds[place],
                "Price": weighed.prices[place],
                "Beta": weighed.loads[place],
                "Held": weighed.held[place],
                "Trade": 0.0,
                "TargetPosition": after[place],
                "TradeValue": money,
                "BetaBought": money * float(weighed.loads[place]) / inputs.number("Equity"),
                "Fee": abs(money) * float(weighed.fees[place]),
                "Carry": 0.0 if is_option else paid,
                "Decay": paid if is_option else 0.0,
                "CostOfTenth": weighed.tenths[place],
                "WorstPnL": own[place],
                "Cash": stands if weighed.fully_paid[place] else 0.0,
                "Margin": abs(stands) * float(weighed.margins[place]),
                "WorstScenario": worst,
            }
        )
    return rows


def _worst(
    sheets: Sheets,
    estimates: Estimates,
    book: Series,
    whole: Beside,
    weighed: Weighed,
    after: Sequence[float],
    instruments: Sequence[Instrument],
) -> tuple[str | None, list[Any]]:
    """The scenario that the hedged book loses most in, and what each position makes of it."""
    inputs, count = sheets.inputs, len(weighed.symbols)
    if not len(inputs.scenarios):
        return None, [None] * len(after)
    made = made_by_scenario(inputs, estimates, account_of(inputs, book), whole)
    name = min(made, key=lambda each: sum(each[1].values()))[0]
    alone = book * 0.0
    for symbol, held in zip(weighed.symbols, after[:count], strict=True):
        alone[symbol] = held
    single = made_by_scenario(inputs, estimates, account_of(inputs, alone), whole)
    own = next(each[1] for each in single if each[0] == name)
    return name, [own.get(each, 0.0) for each in [*weighed.symbols, *(one.name for one in instruments)]]


def _as_cheap(weighed: Weighed, traded: Sequence[float]) -> dict[str, str]:
    """An excuse for other trades that cost as little by fees and carry, as of two hedges that are alike."""
    import numpy as np

    def cost(money: Any) -> float:
        return float(weighed.fees @ np.abs(money) + weighed.paid @ money)

    best, there = cost(weighed.best), cost(np.array(traded) * weighed.prices)
    return {"Trade": AS_GOOD} if there <= best + 1e-6 * max(abs(best), 1.0) else {}


def _sensitivities(option: Instrument) -> dict[str, Any]:
    greeks, forward = option.greeks(), option.forward()
    return {
        "Option": option.name,
        "Forward": forward,
        "Days": option.years * 365,
        "ImpliedVol": option.volatility,
        "ModelPrice": option.model(),
        "Delta": greeks["delta"],
        "Gamma": greeks["gamma"] * forward / 100,
        "Vega": greeks["vega"] / 100,
        "Theta": greeks["theta"] / 365,
    }
