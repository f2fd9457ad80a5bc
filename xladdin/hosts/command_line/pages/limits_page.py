"""The page of the guide on the limits block: every name that a row may have, from its declaration."""

from __future__ import annotations

from collections.abc import Iterator

from core.decide.limits.declared import PARTS
from core.decide.limits.terms import Declared, Term
from core.decide.portfolio.objectives.registry import OBJECTIVES, objective_named
from core.verify.backtest.run_rows import RUN_ROWS, RunRow

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
    return "\n".join([INTRODUCTION, *parts, EXPOSURES, RUNS, *_run_rows(), *_objectives()]) + "\n"


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
    yield "| name | meaning | formula | takes | default | needs |\n|---|---|---|---|---|---|"
    for term in part.TERMS.values():
        formula = f"`{term.formula}`" if term.formula else ""
        needs = f"`{term.needs}`" if term.needs else ""
        cells = (f"`{term.name}`", term.meaning, formula, taken(term), _default(term), needs)
        yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
    yield ""


def _run_rows() -> Iterator[str]:
    yield "| name | meaning | takes | default |\n|---|---|---|---|"
    yield from (_run_row(row) for row in RUN_ROWS.values())
    yield ""


def _run_row(row: RunRow) -> str:
    return f"| `{row.name}` | {row.meaning} | {row.takes} | {row.default} |"


def _default(term: Term) -> str:
    if term.default is None:
        return ""
    return "1" if isinstance(term.default, str) else f"{term.default:g}"


def _objectives() -> Iterator[str]:
    yield "## Objectives\n"
    yield "| objective | seeks | needs | expected return and costs count |\n|---|---|---|---|"
    for name in OBJECTIVES:
        kind = objective_named(name)
        needs = ", ".join([*(f"`{each}`" for each in kind.needs), *(["`returns`"] if kind.needs_returns else [])])
        seeks = (kind.__doc__ or "").splitlines()[0].rstrip(".")
        counts = "yes" if kind.earns or "target_return" in kind.needs else "no"
        yield f"| `{name}` | {seeks[:1].lower()}{seeks[1:]} | {needs} | {counts} |"
