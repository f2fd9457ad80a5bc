"""What is to run: the configurations of a desk, each known to be possible before the first runs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.errors import ArgumentError, DataWarning, PerpDeskError
from core.records import dataclass

from ..books.workbook import Workbook
from ..desk.day.backtesting import first_decision
from ..desk.read.history import read_history
from ..desk.read.inputs import Desk
from .grid import Configuration, combinations, written
from .store import Header
from .task import versions
from .variables import Value

__all__ = ["Plan", "planned"]

BENCHMARK = "Benchmark"


@dataclass(frozen=True, eq=False)
class Plan:
    """Configurations of a desk, judged from row `first` on, the last in which one of them decides first.

    fingerprint     of the desk's inputs, as Runs has it
    inputs          the hash of what all configurations have in common, wherever the history lies
    asked           what is tried, in words
    """

    desk: Desk
    configurations: Sequence[Configuration]
    first: int
    fingerprint: str
    inputs: str
    asked: str

    @property
    def header(self) -> Header:
        """What the results file has of it."""
        return Header(self.inputs, self.first, versions())


def planned(
    book: Workbook, desk: Desk, tried: Mapping[str, Sequence[Value]], further: Sequence[Mapping[str, Value]] = ()
) -> Plan:
    """The plan for the desk that was read from a book.

    Raises ArgumentError that names the first configuration which cannot be asked (no bars after its window, a least
    weight above the largest), and BookError where Prices lacks a benchmark.
    """
    configurations = combinations(desk, tried, further)
    everywhere = _with_benchmarks(book, desk, configurations)
    rows: dict[tuple[Any, ...], int] = {}
    for each in configurations:
        own = each.of(everywhere)
        crossed = own.universe.min_weights > own.universe.max_weights
        if crossed.any():
            symbol = own.universe.symbols[int(crossed.argmax())]
            raise ArgumentError(f"{each.text}: the least weight of {symbol} is above its largest; try others")
        begins = own.settings.window, own.settings.trade_delay, own.settings.backtest_from
        if begins not in rows:
            rows[begins] = _first_row(own, each)
    asked = [f"{name}={','.join(map(written, values))}" for name, values in tried.items()]
    return Plan(
        desk=everywhere,
        configurations=configurations,
        first=max(rows.values()),
        fingerprint=desk.fingerprint("sweep"),
        inputs=_inputs(desk),
        asked="; ".join([*asked, *([f"{len(further)} of a file"] if further else [])]),
    )


def _first_row(desk: Desk, configuration: Configuration) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # a later first decision is what the bars in common begin with
        try:
            return first_decision(desk)
        except PerpDeskError as error:
            raise ArgumentError(f"{configuration.text}: {error}") from None


def _with_benchmarks(book: Workbook, desk: Desk, configurations: Sequence[Configuration]) -> Desk:
    """The desk with the history of each benchmark that is tried. Raises BookError where Prices has none of one."""
    tried = dict.fromkeys(str(value) for each in configurations for name, value in each.values if name == BENCHMARK)
    further = [symbol for symbol in tried if symbol not in desk.history.symbols]
    if not further:
        return desk
    return replace(desk, history=read_history(book, (*desk.history.symbols, *further), desk.settings))


def _inputs(desk: Desk) -> str:
    settings = replace(desk.settings, trials=1.0, seed=0.0, history_file=None)
    return replace(desk, settings=settings).fingerprint("sweep")
