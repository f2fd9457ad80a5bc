"""One process that answers Excel all day: calls through xlwings' own COM server, its memory at the end as at the start.

The server object, the converters and PerpDesk's one door are the real ones, over a stand-in of pywin32; answers are
held to those of the catalogue, asked directly.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

from .campaign import Campaign, Tally
from .functions import SLOW, WHERE, asked, faulty

__all__ = ["CAMPAIGN"]

UDFS = "xladdin.hosts.excel.udfs"
KINDS = 400
"""Different calls that are made over and over."""

GROWTH = 0.05
SETTLED = 0.25
"""Share of the calls after which caches are full and memory may no longer grow."""


def _run(cases: int, seed: int) -> Tally:
    from tests.xladdin.hosts.excel.fake_win32 import windows
    from xladdin import catalog

    tally, chance = Tally(), random.Random(seed)
    calls = _calls(seed)
    with windows() as found:
        server = found.com_server.XLPython()
        before = _resident()
        for case in range(cases):
            name, cells, wanted = chance.choice(calls)
            where, clock = f"[Book1]Sheet1!$A${case % 5_000 + 1}", time.process_time()
            try:
                shown = server.CallUDF(UDFS, "answer", (where, name, *cells))
            except Exception as error:
                tally.fault(f"seed {seed}, call {case}, {name}", f"raised {type(error).__name__}: {error}")
                continue
            tally.case(time.process_time() - clock)
            if case % 10 == 0:
                reason = catalog.call("PERP_WHY", where)
                if wrong := faulty([_flat(shown)], reason):
                    tally.fault(f"seed {seed}, call {case}, {name}", wrong)
            if _flat(shown) != wanted:
                tally.fault(f"seed {seed}, call {case}, {name}", "answers otherwise than before")
            if case == int(SETTLED * cases):
                before = _resident()
        after = _resident()
    tally.megabytes = after
    tally.counts["different calls"] = len(calls)
    tally.counts["kB more memory"] = round((after - before) * 1024)
    if after > before * (1 + GROWTH):
        tally.fault(f"seed {seed}", f"memory grew from {before:.0f} to {after:.0f} MB")
    return tally


def _calls(seed: int) -> list[tuple[str, tuple[Any, ...], list[Any]]]:
    """Calls that a sheet could send and that take no time, each with its answer; the same ones on every machine."""
    from tests.wine.recorder import NotSendableError, as_sent
    from xladdin import catalog

    found: list[tuple[str, tuple[Any, ...], list[Any]]] = []
    number = 0
    while len(found) < KINDS:
        number += 1
        name, cells = asked(random.Random(f"soak {seed} {number}"))
        try:
            sent = tuple(map(as_sent, cells))
        except NotSendableError:
            continue
        if (
            name in SLOW
            or name == "PERP_WHY"
            or any(isinstance(cell, int) and abs(cell) > 1 << 62 for cell in _all(sent))
        ):
            continue
        shown = catalog.call(name, *sent, caller=WHERE)
        found.append((name, sent, _flat(shown if isinstance(shown, list) else [[shown]])))
    return found


def _all(sent: tuple[Any, ...]) -> list[Any]:
    return [cell for one in sent for row in (one if isinstance(one, tuple) else ((one,),)) for cell in row]


def _flat(rows: Any) -> list[Any]:
    """The cells of an answer; from xlwings one row comes back as a row alone, and one cell as a cell."""
    rows = rows if isinstance(rows, (list, tuple)) else [rows]
    return [cell for row in rows for cell in (row if isinstance(row, (list, tuple)) else [row])]


def _resident() -> float:
    """MB of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


CAMPAIGN = Campaign(_run, 20_000, 1_000_000, "0 raised, 0 other answers, memory within 5 %")
