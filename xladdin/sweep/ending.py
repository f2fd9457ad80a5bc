"""The end of a sweep: the results file for its readers, and what the desk shows of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from core.arrays import Array
from core.errors import say
from core.units import periods_per_year

from ..desk.layout.sheets import SETTINGS
from ..desk.write.searched.swept import Ranked, Swept
from .grid import Configuration
from .plan import Plan
from .store import Store
from .summary import Judgement, heat_map, judgement

if TYPE_CHECKING:
    import pyarrow

__all__ = ["ended"]

SHOWN = 200
"""Configurations on the sheet; the file has all."""


def ended(plan: Plan, store: Store, place: str) -> Swept:
    """What came of it; the results file is written whole, with each variable in a column of its own."""
    table = store.table()
    settings = plan.desk.settings
    trials = len(table) + int(settings.trials) - 1
    judged = judgement(table, trials, periods_per_year(settings.bar_hours))
    table = _for_readers(plan, table, judged)
    store.finish(table)
    first, times = store.header.first, plan.desk.history.times
    ranked = [_ranked(row) for row in table.slice(0, SHOWN).to_pylist()]
    own = table.filter(_equal(table["Key"], Configuration().key)).to_pylist()
    of_key = {each.key: each for each in plan.configurations}
    ratios = dict(zip(table["Key"].to_pylist(), _numbers(table, "JudgedSharpe"), strict=True))
    usual = {setting.name: getattr(settings, setting.field) for setting in SETTINGS}
    fit = judged.overfitting
    if fit is None:
        say("Sweep: the probability of overfitting needs two configurations that differ, and 32 bars that all have")
    return Swept(
        fingerprint=plan.fingerprint,
        asked=plan.asked,
        trials=trials,
        failed=int(np.isnan(_numbers(table, "TotalReturn")).sum()),
        first=times[first].item(),
        last=times[-1].item(),
        bars=len(times) - 1 - first,
        best=ranked,
        own=_ranked(own[0]) if own else None,
        by_luck=None if math.isnan(judged.by_luck) else judged.by_luck,
        overfitting=None if fit is None else fit.probability,
        loss=None if fit is None else fit.loss,
        heat=heat_map(list(of_key.values()), ratios, usual),
        file=store.path.name,
        place=place,
    )


def _for_readers(plan: Plan, table: pyarrow.Table, judged: Judgement) -> pyarrow.Table:
    """The best first; with the deflated ratio, and each variable of the plan in a column of its own."""
    import pyarrow

    variables = dict.fromkeys(name for each in plan.configurations for name, _ in each.values)
    of_key = {each.key: dict(each.values) for each in plan.configurations}
    usual = {setting.name: getattr(plan.desk.settings, setting.field) for setting in SETTINGS}
    held = [of_key.get(key) for key in table["Key"].to_pylist()]
    for name in variables:
        values = [None if each is None else each.get(name, usual.get(name)) for each in held]
        table = table.append_column(name, pyarrow.array(values))
    blank = [None if math.isnan(value) else value for value in judged.deflated.tolist()]
    chosen = [None if math.isnan(value) else value for value in judged.chosen.tolist()]
    table = table.append_column("DeflatedSharpe", pyarrow.array(blank, pyarrow.float64()))
    table = table.append_column("Chosen", pyarrow.array(chosen, pyarrow.float64()))
    ratio, places = _numbers(table, "JudgedSharpe"), {key: number for number, key in enumerate(of_key)}
    order = np.array([places.get(key, len(places)) for key in table["Key"].to_pylist()])
    best_first = np.lexsort((order, np.where(np.isnan(ratio), np.inf, -ratio)))
    return table.take(best_first)


def _ranked(row: Mapping[str, Any]) -> Ranked:
    return Ranked(
        configuration=row["Configuration"],
        sharpe=row["JudgedSharpe"],
        deflated_sharpe=row["DeflatedSharpe"],
        chosen=row["Chosen"],
        annual_return=row["AnnualReturn"],
        annual_volatility=row["AnnualVolatility"],
        max_drawdown=row["MaxDrawdown"],
        turnover=row["Turnover"],
        funding_paid=row["FundingPaid"],
        costs=row["Costs"],
        liquidations=row["Liquidations"],
        answered=row["Answered"],
        reason=row["Reason"] or "",
    )


def _numbers(table: pyarrow.Table, name: str) -> Array:
    return np.asarray(table[name].to_numpy(), dtype=np.float64)


def _equal(column: Any, word: str) -> Any:
    import pyarrow.compute as compute

    return compute.equal(column, word)
