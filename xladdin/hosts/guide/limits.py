"""The page of the guide on the limits block: every name that a row may have, from its declaration."""

from __future__ import annotations

from collections.abc import Iterator

from core.choices import OBJECTIVES
from core.decide.limits.declared import PARTS
from core.decide.limits.terms import Declared, Term
from core.decide.portfolio.objectives.registry import objective_named
from core.verify.backtest.run_rows import RUN_ROWS, RunRow

from .markdown import code, listed_codes, place, table

__all__ = ["limit_entry", "limits_page", "taken", "within"]


INTRODUCTION = """\
# The limits block

`PERP_OPTIMIZE`, `PERP_FRONTIER` and `PERP_OVERLAY` take their limits as a block of rows: a name, then one value for all
contracts or one a contract. The sheet Limits of the desk takes the same names. A heading may stand above the block. A
row without a value counts as not stated, but for `net`, which a blank sets free.

Weights w are notional / equity, positive long; e(w) is the expected return above risk-free, net of what trading costs.
Each unit is that of the inputs: "a year" where expected returns and covariance are annual.
"""

TITLES = {"BookLimits": "What the book may be", "Costs": "What trading costs", "Aim": "What is aimed at"}

EXPOSURES = """\
## Groups and factors

A row `group_1` holds 1 for its members and 0 for the others, and `group_1_max` or `group_1_min` limits the sum of their
weights. A row `factor_1` holds a loading for each contract, and `factor_1_max`, `factor_1_min` or `factor_1_target`
limits sum loading_i w_i. Any number may stand in the place of 1.
"""

CONFLICTS = """\
## When limits contradict each other

No book is returned then. The refusal names the smallest set of limits that cannot hold together, and for one of them
the nearest value that would do, proved by a linear program. On the desk the next model answers in the place of the
one that was asked, and the run says which and why.
"""

RUNS = """\
## What a backtest takes besides

`PERP_BACKTEST` and `PERP_BACKTEST_PATH` take these rows too. What is not stated does not act, unless a default stands
here. A clock is looked at in the rows in which the policy is asked; a book that waits by it has decided nothing.
"""

SIDES = {"at_least": "at least", "above": "above", "at_most": "at most", "below": "below"}

TAKES = {"one": "one value", "each": "one value, or one a contract", "switch": "1 for on, 0 for off"}


def limits_page() -> str:
    """The page, in Markdown."""
    parts = [line for part in PARTS for line in _part(part)]
    return "\n".join([INTRODUCTION, *parts, EXPOSURES, CONFLICTS, RUNS, *_run_rows(), *_objectives()]) + "\n"


def limit_entry(term: Term) -> dict[str, object]:
    """A name for a program; the keys stay (docs/command-line.md)."""
    return {
        "name": term.name,
        "meaning": term.meaning,
        "formula": term.formula,
        "takes": taken(term),
        "default": _default(term) or None,
        "needs": term.needs or None,
    }


def taken(term: Term) -> str:
    """What a row takes: how many values, in which unit, within which range, and what where it is not stated."""
    unit = f" ({term.unit})" if term.unit and term.kind != "switch" else ""
    bounds = f", {within(term)}" if term.within else ""
    return f"{TAKES[term.kind]}{unit}{bounds}"


def within(term: Term) -> str:
    """The range of a term in words."""
    return " and ".join(f"{SIDES[side]} {bound:g}" for side, bound in term.within.items())


def _part(part: type[Declared]) -> Iterator[str]:
    yield f"## {TITLES[part.__name__]}\n"
    yield table(("name", "meaning", "formula", "takes", "default", "needs"), map(_term, part.TERMS.values()))


def _term(term: Term) -> tuple[str, ...]:
    return place(term.name), term.meaning, code(term.formula), taken(term), _default(term), code(term.needs)


def _run_rows() -> Iterator[str]:
    yield table(("name", "meaning", "takes", "default"), map(_run_row, RUN_ROWS.values()))


def _run_row(row: RunRow) -> tuple[str, ...]:
    return place(row.name), row.meaning, row.takes, row.default


def _default(term: Term) -> str:
    if term.default is None:
        return ""
    return "1" if isinstance(term.default, str) else f"{term.default:g}"


def _objectives() -> Iterator[str]:
    yield "## Objectives\n"
    header = ("objective", "seeks", "needs", "expected return and costs count")
    yield table(header, map(_objective, OBJECTIVES)).rstrip("\n")


def _objective(name: str) -> tuple[str, ...]:
    kind = objective_named(name)
    seeks = (kind.__doc__ or "").splitlines()[0].rstrip(".")
    needs = listed_codes([*kind.needs, *(["returns"] if kind.needs_returns else [])])
    counts = "yes" if kind.earns or "target_return" in kind.needs else "no"
    return place(name, "objective"), f"{seeks[:1].lower()}{seeks[1:]}", needs, counts
