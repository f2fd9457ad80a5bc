"""What is open on each position held now: profit, funding since entry, and where the account ends. Plain loops."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from ..inferred.estimates import Estimates
from ..inferred.instruments import instruments_of, tied_up
from ..inputs import Inputs
from ..stressed.positions import account_of, on_tick
from ..stressed.stress import safeguards

__all__ = ["opened"]

NOWHERE = {
    **dict.fromkeys(("LiquidationPrice", "ToLiquidation", "StopPrice", "ToStop", "PnLAtStop"), math.nan),
    "ClosesFirst": None,
}
"""Where a contract ends of which the core and the overlay book hold as much against each other."""


def opened(inputs: Inputs, estimates: Estimates, *, with_ends: bool) -> list[dict[str, Any]]:
    """One row a position by the headings of Positions, core before overlay; `with_ends` where betas are stated."""
    rows = []
    ends = _ends(inputs, estimates) if with_ends else {}
    for book, position, entry in (("core", "Position", "EntryPrice"), ("overlay", "OverlayPosition", "OverlayEntry")):
        for symbol, terms in inputs.universe.iterrows():
            amount = float(terms[position])
            if not amount:
                continue
            opened_at = inputs.entry_times.get(str(symbol)) if book == "core" else None
            first = float(terms[entry]) if terms[entry] > 0 else math.nan
            now, inverse = float(terms["Price"]), terms["Contract"] == "inverse"
            profit = amount * (1 / first - 1 / now) * now if inverse else amount * (now - first)
            paid = _funding(inputs, str(symbol), amount, inverse, opened_at)
            row = {
                "Symbol": symbol,
                "Book": book,
                "Position": amount,
                "EntryPrice": first,
                "Price": now,
                "Notional": amount * float(inputs.contract_values[symbol]),
                "OpenProfit": profit,
                "Return": profit / (abs(amount) if inverse else abs(amount) * first),
                "FundingPaid": paid,
                "AfterFunding": profit - paid,
            }
            if with_ends:
                row |= ends.get(str(symbol), NOWHERE)
            rows.append(row)
    return rows


def _funding(inputs: Inputs, symbol: str, amount: float, inverse: bool, since: datetime | None) -> float:
    """What each settlement after entry took, at the close of its bar or the last one before."""
    times = inputs.closes.index
    if since is None or since < times[0] or since > times[-1]:
        return math.nan
    paid, price = 0.0, math.nan
    for time, close, rate in zip(times, inputs.closes[symbol], inputs.funding[symbol], strict=True):
        price = close if close == close else price
        if time > since and rate == rate and rate:
            paid += amount * rate * (1.0 if inverse else price)
    return paid


def _ends(inputs: Inputs, estimates: Estimates) -> dict[str, dict[str, Any]]:
    """Where all that is held of each contract ends, prices on the tick on which they are met sooner."""
    instruments = instruments_of(inputs)
    tied = tied_up(inputs, instruments, [each.position for each in instruments])
    account = account_of(inputs, inputs.universe["Position"] + inputs.universe["OverlayPosition"], tied)
    standing = account.headroom([0.0] * len(account.positions)) >= -account.rounding
    ends = {}
    for position, row in zip(account.positions, safeguards(estimates, account, standing=standing), strict=True):
        price = on_tick(row["LiquidationPrice"], position.tick, position.notional)
        ends[position.symbol] = {
            "LiquidationPrice": price,
            "ToLiquidation": price / position.price - 1,
            "StopPrice": row["StopPrice"],
            "ToStop": row["StopDistance"],
            "PnLAtStop": row["LossAtStop"],
            "ClosesFirst": row["ComesFirst"],
        }
    return ends
