"""Run all benchmarks, or those named: `python -m tests.benchmarks`, `python -m tests.benchmarks decide`.

`all` is one table of every figure that has a goal, held or missed; `growth` is the cost of each job against the size of
the desk. Both take minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import (
    backtest,
    calc,
    decide,
    estimate,
    excel,
    feeds,
    felt,
    files,
    growth,
    heavy,
    learn,
    lite,
    performance,
    start,
    sweep,
    verify,
)
from .line import show

BENCHMARKS: dict[str, Callable[[], None]] = {
    "backtest": backtest.main,
    "calc": calc.main,
    "decide": decide.main,
    "estimate": estimate.main,
    "excel": excel.main,
    "feeds": feeds.main,
    "felt": felt.main,
    "files": files.main,
    "heavy": heavy.main,
    "learn": learn.main,
    "lite": lite.main,
    "performance": performance.main,
    "start": start.main,
    "sweep": sweep.main,
    "verify": verify.main,
}


def goals() -> None:
    """Every figure that has a goal."""
    held, missed = map(sum, zip(show(start.lines()), show(heavy.lines()), show(felt.lines()), strict=True))
    print(f"{held} held, {missed} missed")


TABLES: dict[str, Callable[[], None]] = {"all": goals, "growth": growth.main}
"""Those that are run only where they are named."""


def main(names: list[str]) -> int:
    known = BENCHMARKS | TABLES
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark is named {unknown[0]}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        known[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
