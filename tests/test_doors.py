"""What no door reaches does not exist; what is still to get its door says what it waits for, and its list only shrinks.

Reached is what some file of xladdin names, and what that names in turn. Nothing is run: the names in the syntax trees
are followed, so a module that is only imported beside what is used does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.source_tree import ROOT, SOURCES, module_name, parsed

MODULES = {module_name(path): path for path in SOURCES}

WAITING_MODULES = (
    "core.decide.hedge.dynamic",
    "core.verify.backtest.known_betas",
    "core.verify.performance.worst_period",
)
"""Modules of which no door reaches anything; each says so in its docstring, and what it waits for."""

BACKTEST = "the backtest"

WAITING_NAMES = {
    "core.decide.limits.conflict.conflicting_limits": "a cell that names the conflict; `remedy` names it in words",
    "core.estimate.beta.ewma.EwmaBeta": BACKTEST,
    "core.estimate.beta.kalman_loops.no_line": BACKTEST,
    "core.estimate.beta.rolling.RollingBeta": BACKTEST,
    "core.estimate.covariance.methods.ledoit_wolf_shrinkage": "a figure on the sheet Estimates",
    "core.estimate.funding.forecast.WalkForward": BACKTEST,
    "core.estimate.funding.forecast.walk_forward": BACKTEST,
    "core.learn.forecast.learned_premium": "a cell that forecasts premia",
    "core.market.contract.fee": BACKTEST,
    "core.market.contract.funding_payment": BACKTEST,
    "core.market.contract.in_coin": "a book of account in coin",
    "core.market.liquidation_cross.tiered_cross_liquidation_prices": "a cell that takes the tiers of several contracts",
    "core.market.margin.cross_margin": "a cell that takes entry prices and the wallet",
    "core.market.resample.resample_candles": "a feed of candles",
    "core.numeric.moments.Moments": BACKTEST,
    "core.numeric.moments.no_moments": BACKTEST,
    "core.numeric.moments.slope_of": BACKTEST,
    "core.numeric.quadratic.matrix_game.solve_game": "a second user of matrix games beside `conflict`",
    "core.numeric.sums.no_rows": BACKTEST,
}
"""Public functions and classes of reached modules that no door reaches yet, and what each waits for."""

Definition = ast.FunctionDef | ast.ClassDef


def definitions(path: Path) -> dict[str, Definition]:
    """Functions and classes of a file, by name."""
    return {node.name: node for node in parsed(path).body if isinstance(node, Definition)}


def public(module: str) -> list[str]:
    return [f"{module}.{name}" for name in definitions(MODULES[module]) if not name.startswith("_")]


@cache
def uses() -> dict[str, set[str]]:
    """What each module, function and class names: `core.market.returns`, `core.market.returns.total_returns` ..."""
    found: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        bound, own = bindings(path), definitions(path)
        loaded = [node for node in parsed(path).body if not isinstance(node, Definition)]
        found[module] = {name for node in loaded for name in named(node, module, bound, own)}
        for name, node in own.items():
            found[f"{module}.{name}"] = {module, *named(node, module, bound, own)}
    return found


def bindings(path: Path) -> dict[str, str]:
    """Names that a file imports from others: the local one, and the full one that it stands for."""
    package = path.parent.relative_to(ROOT).parts
    found = {}
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join((*above, *filter(None, [node.module])))
            found |= {alias.asname or alias.name: f"{source}.{alias.name}" for alias in node.names}
    return found


def named(node: ast.AST, module: str, bound: dict[str, str], own: dict[str, Definition]) -> Iterator[str]:
    """Full names of what stands under a node."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield f"{module}.{each.id}" if each.id in own else bound.get(each.id, each.id)
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in bound:
            yield f"{bound[each.value.id]}.{each.attr}"


@cache
def reached() -> set[str]:
    """All that the doors lead to."""
    found = {name for name in uses() if name.startswith("xladdin")}
    ahead = list(found)
    while ahead:
        for name in uses()[ahead.pop()] & uses().keys() - found:
            found.add(name)
            ahead.append(name)
    return found


def waiting() -> dict[str, list[str]]:
    """By module of core, the public functions and classes that no door reaches."""
    core = [module for module in MODULES if module.startswith("core")]
    return {module: names for module in core if (names := [name for name in public(module) if name not in reached()])}


def test_modules_without_a_door_are_those_that_are_listed() -> None:
    unreached = {module for module, names in waiting().items() if names == public(module)}
    assert unreached - set(WAITING_MODULES) == set(), "give it a door: a cell, a setting, a job or a command"
    assert set(WAITING_MODULES) - unreached == set(), "it has a door now: off the list, and out with its `Waits for`"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_waits_for_and_no_other_does(module: str) -> None:
    first_paragraph = (ast.get_docstring(parsed(MODULES[module])) or "").partition("\n\n")[0]
    assert ("Waits for" in first_paragraph) == (module in WAITING_MODULES)


def test_names_without_a_door_are_those_that_are_listed() -> None:
    unreached = {name for module, names in waiting().items() if module not in WAITING_MODULES for name in names}
    assert unreached - WAITING_NAMES.keys() == set(), "give it a door, or take it away"
    assert WAITING_NAMES.keys() - unreached == set(), "it has a door now, or is gone: off the list"


def test_the_follower_of_names_sees_how_doors_lead_on() -> None:
    """Through an import, within a module, by attribute, and not further than what is used."""
    assert "core.decide.portfolio.optimize.optimize" in reached()
    assert "core.estimate.beta.methods.downside_beta" in reached()
    assert "core.market.panel.Panel" in reached()
    assert "core.verify.simulate.simulators.BlockBootstrap" in reached()
    assert not {name for name in reached() if name.startswith("tests")}
