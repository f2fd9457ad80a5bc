"""Run all benchmarks, or those named: `python -m tests.benchmarks`, `python -m tests.benchmarks decide`."""

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
    learn,
    lite,
    performance,
    start,
    sweep,
    verify,
)

BENCHMARKS: dict[str, Callable[[], None]] = {
    "backtest": backtest.main,
    "calc": calc.main,
    "decide": decide.main,
    "estimate": estimate.main,
    "excel": excel.main,
    "feeds": feeds.main,
    "felt": felt.main,
    "files": files.main,
    "learn": learn.main,
    "lite": lite.main,
    "performance": performance.main,
    "start": start.main,
    "sweep": sweep.main,
    "verify": verify.main,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark is named {unknown[0]}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
