"""Checks of the orders: they start from what is held now, are the trades of Weights and Hedge, and end where they say.

Orders that start from other positions would trade twice what has been traded once, so that fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from core.errors import BookError, listed
from core.tolerances import ACTIVE, REPORTED

from ....books.workbook import Block, CellValue, Workbook
from ...read.inputs import Desk
from ...read.last_run import belongs_to_inputs, last_job
from ...read.positions import by_symbol
from ...read.trades import read_trades
from ..checks.found import Check, caution, column_of_numbers, rule
from .dust import CENT

__all__ = ["check_orders"]

REPORT = "Do not send them; report the run"
ONCE_MORE = "run Rebalance, then Hedge"


def check_orders(book: Workbook, desk: Desk) -> Iterator[Check]:
    """Nothing where nothing was ordered."""
    block, summary = book.table("Orders"), book.table("OrdersSummary")
    stated = dict(zip(summary.column("Measure"), summary.column("Value"), strict=True))
    if stated.get("Orders") is None:
        return
    moved = _moved(block, desk)
    remedy = f"Positions have changed since, so they would be traded twice; {ONCE_MORE}: {listed(moved)}"
    yield rule("Orders start from the positions held now", not moved, len(moved), 0.0, remedy)
    if moved:
        return
    fresh = _fresh(book, desk)
    yield caution("Orders belong to today's inputs", fresh, None, None, f"Inputs have changed since; {ONCE_MORE}")
    try:
        yield from _sums(book, block, stated, desk)
    except BookError as error:
        yield rule("Orders are the trades of Weights and Hedge", False, str(error), None, ONCE_MORE)
        return
    off = stated["Without a tick"]
    remedy = "Enter the Tick of your venue on Universe; it may refuse these limits"
    yield caution("Each limit is on its tick", off == 0, off, 0.0, remedy)
    left = stated["Headroom after"]
    enough = isinstance(left, float) and left >= 0
    yield rule("Equity covers the initial margin after the orders", enough, left, 0.0, "Hold less, or add capital")


def _moved(block: Block, desk: Desk) -> list[str]:
    """The contracts of orders that start from something else than is held now, or that are no longer in play."""
    universe = desk.universe
    held = dict(zip(universe.symbols, (universe.positions + universe.overlay_positions).tolist(), strict=True))
    started = zip(block.column("Symbol"), column_of_numbers(block, "PositionBefore").tolist(), strict=True)
    return [
        str(symbol)
        for symbol, before in started
        if symbol not in held or not abs(before - held[str(symbol)]) <= ACTIVE * max(1.0, abs(before))
    ]


def _fresh(book: Workbook, desk: Desk) -> bool:
    """Whether the inputs are those of the job that wrote the list, and of the target that it is netted of."""
    job = last_job(book, ("rebalance", "hedge"))
    if job is None or not belongs_to_inputs(book, desk, job):
        return False
    nets = job == "hedge" and read_trades(book, desk).rebalance.any()
    return not nets or belongs_to_inputs(book, desk, "rebalance")


def _sums(book: Workbook, block: Block, stated: Mapping[CellValue, CellValue], desk: Desk) -> Iterator[Check]:
    """That each order is what the two sheets trade, and that margins follow from the positions after."""
    universe, settings = desk.universe, desk.settings
    symbols, values = universe.symbols, universe.contract_values
    wanted = read_trades(book, desk)
    sold = np.isin(
        symbols,
        [
            str(symbol)
            for symbol, side in zip(block.column("Symbol"), block.column("Side"), strict=True)
            if side == "SELL"
        ],
    )
    ordered = by_symbol(block, "Symbol", "Contracts", symbols) * np.where(sold, -1.0, 1.0)
    apart = (wanted.rebalance + wanted.hedge - ordered) * values
    apart = np.where(np.abs(apart) < CENT, 0.0, apart)
    small = np.maximum(settings.smallest_order, universe.lots * values) * (1 + REPORTED)
    worst = int(np.argmax(np.abs(apart) - small))
    met = abs(apart[worst]) <= small[worst]
    yield rule("Orders are the trades of Weights and Hedge", met, abs(apart[worst]), small[worst], ONCE_MORE)
    rates = values * universe.initial_margin_rates
    held = universe.positions + universe.overlay_positions
    after, told = float(np.abs(held + ordered) @ rates), stated["Initial margin after"]
    right = isinstance(told, float) and abs(told - after) <= REPORTED * max(1.0, after)
    yield rule("Margin after the orders is that of the positions after", right, told, after, REPORT)
