"""Every sheet function with cells made up from what its arguments are declared to be, and with hostile ones.

Half of the calls start from arguments that are good, half from nothing but the declared kinds. None raises; each shows
numbers, texts and the errors of a sheet; each error has a reason in plain words.
"""

from __future__ import annotations

import math
import random
import time
from typing import Any

from .campaign import Campaign, Tally

__all__ = ["CAMPAIGN", "asked", "faulty"]

WHERE = "[Book1]Sheet1!$A$1"
SECONDS = 20.0
SLOW = {"PERP_BETA_FORECAST", "PERP_STRESS_MONTE_CARLO", "PERP_REGIME", "PERP_BACKTEST", "PERP_BACKTEST_PATH"}
SIZES = ((1, 1), (1, 2), (2, 1), (3, 1), (2, 2), (5, 2), (30, 1), (30, 3), (70, 2), (130, 2), (130, 5))
"""Bars and contracts of what a call is sent."""


def asked(chance: random.Random) -> tuple[str, list[Any]]:
    """A function and the cells that it is sent."""
    from tests.xladdin.functions.test_bad_input import GOOD
    from tests.xladdin.functions.test_extreme_cells import spoiled
    from xladdin import catalog

    names = sorted(GOOD)
    name = chance.choice(names)
    while name in SLOW and chance.random() < 0.9:
        name = chance.choice(names)
    arguments = catalog.function(name).args
    if chance.random() < 0.5:
        good = dict(GOOD[name])
        for changed in chance.sample(sorted(good), min(len(good), chance.choice((1, 1, 2, 3)))):
            good[changed] = spoiled(good[changed], chance)
        return name, [good.get(argument.name) for argument in arguments]
    bars, contracts = chance.choice(SIZES)
    sent = [made_up(argument.kind, argument.default, bars, contracts, chance) for argument in arguments]
    extra = [chance.choice((1.0, "x", None))] if chance.random() < 0.02 else []
    return name, sent[: chance.choice((len(sent), len(sent), chance.randrange(len(sent) + 1)))] + extra


def made_up(kind: Any, default: Any, bars: int, contracts: int, chance: random.Random) -> Any:
    """Cells for an argument of that kind; one in 30 is of another kind, half are left out where they may be."""
    from tests.xladdin.functions.test_extreme_cells import EXTREMES
    from xladdin import kinds

    if default is not None and chance.random() < 0.5:
        return chance.choice((None, "", default))
    if chance.random() < 0.03:
        return chance.choice(EXTREMES)
    if isinstance(kind, kinds.Choice):
        return chance.choice((*kind.options, *kind.options, kind.options[0].upper(), f" {kind.options[-1]}", "other"))
    if isinstance(kind, kinds.Flag):
        return chance.choice((True, False, 1.0, 0.0, "TRUE"))
    if isinstance(kind, kinds.Number):
        edges = [each for each in (kind.above, kind.at_least, kind.below, kind.at_most) if each is not None]
        inside = chance.choice((1.0, 2.0, 3.0, 10.0, 60.0, 0.5, 0.05, 365.0))
        return (
            inside
            if chance.random() < 0.8 or not edges
            else math.nextafter(chance.choice(edges), chance.choice((inside, -inside)))
        )
    if isinstance(kind, (kinds.Text, kinds.Address)):
        return chance.choice(("1h", "8h", "1d", "x", WHERE, "", 4.0))
    if isinstance(kind, kinds.Rows):
        return _limits(chance)
    if isinstance(kind, kinds.Covariance):
        return _covariance(contracts, chance)
    series = isinstance(
        kind, (kinds.ReturnSeries, kinds.Times)
    )  # a bar a row; the other vectors have a contract a column
    lone = isinstance(kind, (kinds.Vector, kinds.Labels)) and not series
    shape = (1, contracts) if lone else (bars, 1) if series else (bars, contracts)
    rows = [[_cell(kind, row, chance) for _ in range(shape[1])] for row in range(shape[0])]
    if chance.random() < 0.25:
        chance.choice(rows)[-1] = chance.choice(EXTREMES)
    return tuple(map(tuple, zip(*rows, strict=True) if chance.random() < 0.05 else rows))


def _covariance(contracts: int, chance: random.Random) -> tuple[tuple[float, ...], ...]:
    """A covariance of that many contracts, now and then not quite one."""
    loads = [chance.gauss(0.5, 0.3) for _ in range(contracts)]
    own = chance.choice((0.1, 0.1, 0.0, -0.01))
    return tuple(tuple(a * b + own * (i == j) for j, b in enumerate(loads)) for i, a in enumerate(loads))


def _cell(kind: Any, row: int, chance: random.Random) -> Any:
    from xladdin import kinds

    if isinstance(kind, kinds.Times):
        return 45_000.0 + row / 24
    if isinstance(kind, kinds.Labels):
        return chance.choice(("BTC", "ETH", "btc ", 1.0, None))
    if getattr(kind, "decimals", None):
        return chance.gauss(0.0, 0.02)
    return abs(chance.gauss(1.0, 0.3)) * (1.0 if isinstance(kind, kinds.Vector) else 100.0)


def _limits(chance: random.Random) -> tuple[tuple[Any, ...], ...]:
    from core.decide.limits.declared import Limits

    terms = sorted(Limits.TERMS)
    rows = [
        (
            chance.choice((*terms, "group_1", "group_1_max", "factor_1", "nonsense")),
            *(chance.choice((0.5, 1.0, -1.0, 2.0, "x", None, 1e9)) for _ in range(2)),
        )
        for _ in range(chance.randrange(1, 5))
    ]
    return tuple(rows)


def faulty(shown: Any, reason: Any) -> str:
    """What is wrong with what a cell shows and why it does; nothing where all is well."""
    from tests.xladdin.functions.test_extreme_cells import INTERNAL

    rows = shown if isinstance(shown, list) else [[shown]]
    for value in (cell for row in rows for cell in row):
        if isinstance(value, str):
            if INTERNAL.search(value):
                return f"shows raw words: {value[:80]}"
        elif not (isinstance(value, float) and math.isfinite(value)):
            return f"shows {value!r}, which is no cell"
    if not isinstance(reason, str) or INTERNAL.search(reason):
        return f"gives raw words as a reason: {str(reason)[:160]}"
    alone = rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else ""
    if (
        isinstance(alone, str)
        and alone.startswith("#")
        and (alone not in ("#N/A", "#VALUE!", "#NUM!") or reason.startswith("No failure"))
    ):
        return f"shows {alone} and says: {reason[:80]}"
    return ""


def _run(cases: int, seed: int) -> Tally:
    from xladdin import call

    tally = Tally()
    for case in range(cases):
        name, cells = asked(random.Random(f"{seed} {case}"))
        where, clock = f"seed {seed}, call {case}, {name}", time.process_time()
        try:
            shown = call(name, *cells, caller=WHERE)
            wrong = faulty(shown, call("PERP_WHY", WHERE))
        except Exception as error:
            wrong, shown = f"raised {type(error).__name__}: {error}", ""
        took = time.process_time() - clock
        tally.case(took)
        tally.counts["errors" if isinstance(shown, str) and shown.startswith("#") else "answers"] += 1
        if wrong:
            tally.fault(where, wrong)
        if took > SECONDS:
            tally.fault(where, f"took {took:.0f} s")
    return tally


CAMPAIGN = Campaign(_run, 5_000, 40_000, "0 raised, 0 that is no cell, 0 raw words")
