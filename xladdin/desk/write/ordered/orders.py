"""The order list, as the tables of the sheet Orders."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from core.arrays import Array, Times

from ....books.workbook import Workbook
from ...day.estimates import Estimates
from ...day.ordering.listing import Ordered, list_orders
from ...read.inputs import Desk
from ..largest import folded
from ..results import blank_where_nan, measured, write_columns
from ..runlog import heard_warnings

__all__ = ["write_orders"]


def write_orders(book: Workbook, desk: Desk, estimates: Estimates, hedge_dust: Array | None = None) -> list[str]:
    """Net what now stands on Weights and Hedge into the tables of Orders; what is to be known of them.

    `hedge_dust` are the notionals that the hedge left out as too small. Raises BookError.
    """
    with heard_warnings() as said:
        found = list_orders(book, desk, estimates, hedge_dust)
    _write_list(book, found)
    write_columns(book, "OrdersSummary", measured("OrdersSummary", _summary(found)))
    _write_bars(book, found)
    return said


def _write_list(book: Workbook, found: Ordered) -> None:
    sizes = np.abs(found.contracts)
    write_columns(
        book,
        "Orders",
        {
            "Symbol": found.symbols,
            "Side": ["BUY" if contracts > 0 else "SELL" for contracts in found.contracts.tolist()],
            "Contracts": sizes,
            "Notional": np.abs(found.notionals),
            "LimitPrice": found.limits,
            "Reason": found.reasons,
            "Rebalance": _blank_where_none(found.rebalance),
            "Hedge": _blank_where_none(found.hedge),
            "ReduceOnly": ["Y" if only else "N" for only in found.reduces.tolist()],
            "PositionBefore": found.positions_before,
            "PositionAfter": found.positions_after,
            "Fee": found.fees,
            "Slippage": found.slippage,
            "Funding": blank_where_nan(found.funding),
            "Settles": _moments(found.settles),
            "MarginBefore": found.before[found.places],
            "MarginAfter": found.after[found.places],
            "Note": [note or None for note in found.notes],
        },
    )


def _summary(found: Ordered) -> list[float | str | None]:
    signed = found.notionals
    before, after = float(found.before.sum()), float(found.after.sum())
    funding = found.funding[~np.isnan(found.funding)]
    return [
        found.made_of,
        float(len(signed)),
        float(signed[signed > 0].sum()),
        float(-signed[signed < 0].sum()),
        float(found.reduces.sum()),
        float(found.fees.sum()),
        float(found.slippage.sum()),
        float(funding.sum()) if funding.size or not signed.size else None,
        found.saved,
        float(len(found.dust)),
        float(np.abs(found.dust).sum()),
        float(found.waiting),
        float(len(found.beside)),
        float((~found.on_tick).sum()),
        before,
        after,
        after / found.equity,
        found.equity - after,
    ]


def _write_bars(book: Workbook, found: Ordered) -> None:
    """What the chart draws: the part of each reason in an order, of the largest."""
    worth = np.abs(np.divide(found.notionals, found.contracts, out=np.zeros(len(found.symbols))))
    fold = folded(found.notionals)
    write_columns(
        book,
        "OrderBars",
        {
            "Symbol": fold.names(found.symbols),
            "Rebalance": fold.summed(found.rebalance * worth),
            "Hedge": fold.summed(found.hedge * worth),
        },
    )


def _blank_where_none(contracts: Array) -> list[float | None]:
    """A sheet that trades nothing has nothing to say."""
    return [trade or None for trade in contracts.tolist()]


def _moments(times: Times) -> list[datetime | None]:
    return [None if np.isnat(time) else time.astype("datetime64[s]").item() for time in times]
