"""Checks of the stress test: it belongs to today's book, and what must be survived is.

A scenario of MustSurvive = Y that liquidates a position fails; any other is a warning, for the desk to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.errors import listed

from ....books.workbook import Workbook
from ...read.inputs import Desk
from ...read.last_run import belongs_to_inputs
from .found import Check, caution, column_of_numbers, rule

__all__ = ["check_stress"]


def check_stress(book: Workbook, desk: Desk) -> Iterator[Check]:
    """Nothing where no stress test stands."""
    block = book.table("Stress")
    if not block.rows:
        return
    fresh = belongs_to_inputs(book, desk, "stress")
    yield caution("Stress belongs to today's inputs", fresh, None, None, "Inputs have changed since; run Stress again")
    ran, stated = len(block.rows), len(book.table("Scenarios").rows)
    remedy = "Mend the scenarios that Runs names, then run Stress again"
    yield caution("Every scenario could be run", ran == stated, float(ran), float(stated), remedy)
    verdicts = zip(block.column("Scenario"), block.column("Verdict"), strict=True)
    fallen = [str(scenario) for scenario, verdict in verdicts if verdict == "liquidated"]
    required = set(desk.scenarios.names_to_survive)
    broken = [scenario for scenario in fallen if scenario in required]
    yield rule("What must be survived liquidates nothing", not broken, len(broken), 0.0, _way_out(broken))
    yield from _stops(book)
    others = [scenario for scenario in fallen if scenario not in required]
    yield caution("No other scenario liquidates a position", not others, len(others), 0.0, _way_out(others))


def _stops(book: Workbook) -> Iterator[Check]:
    """Nothing where no position has a stop."""
    block = book.table("Safeguards")
    first = dict(zip(block.column("Symbol"), block.column("ComesFirst"), strict=True))
    if not any(first.values()):
        return
    late = [symbol for symbol, closes in first.items() if closes == "exchange"]
    remedy = f"The exchange closes it on the way to its Stop, so it protects nothing; set it nearer: {listed(late)}"
    yield caution("Each stop comes before liquidation", not late, len(late), 0.0, remedy)
    there = zip(block.column("Symbol"), column_of_numbers(block, "StopDistance").tolist(), strict=True)
    passed = [symbol for symbol, distance in there if distance == 0]
    remedy = f"The price is beyond it: close the position or set another Stop: {listed(passed)}"
    yield caution("No stop is passed already", not passed, len(passed), 0.0, remedy)


def _way_out(fallen: Sequence[str]) -> str:
    return f"Hold less, hedge more or add capital (Shortfall on Stress says how much): {listed(fallen)}"
