"""Each setting says which jobs read it, and they do: what a job looks at while it runs is held against what is said."""

from __future__ import annotations

import re
from datetime import datetime
from typing import get_type_hints

import numpy as np
import pytest

from core.choices import DESK_POLICIES, OBJECTIVES
from core.market.tiers import Tiers
from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.layout.fields import Setting
from xladdin.desk.layout.settings import SETTINGS, Settings
from xladdin.desk.layout.sheets import SHEETS, TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.read.inputs import Desk

FIELDS = {setting.field for setting in SETTINGS}
DEFAULTS = Settings(**{setting.field: setting.default for setting in SETTINGS})

SITUATIONS = [
    *({"Model": model, "VolTarget": 0.5} for model in DESK_POLICIES),
    *({"Objective": objective, "VolTarget": 0.6, "TargetReturn": 0.2} for objective in OBJECTIVES),
    {"MaxDrawdown": 0.2, "MonthStop": 0.05, "LeverageTilt": "premium", "VolTarget": 0.4, "VolMode": "both"},
    {"HedgeMode": "factor", "HedgeInPast": "Y", "BetaMethod": "learned"},
]
"""Between them a job meets every setting that it can read."""


@pytest.fixture
def seen(monkeypatch) -> set[str]:
    """The settings that are read from now on, apart from those that the checks at the end of a job look at."""
    found: set[str] = set()

    def look(settings: Settings, name: str) -> object:
        if name in FIELDS:
            found.add(name)
        return object.__getattribute__(settings, name)

    monkeypatch.setattr(jobs, "check_desk", lambda book, desk: [])
    monkeypatch.setattr(jobs, "write_checks", lambda book, checks: None)
    monkeypatch.setattr(Settings, "__getattribute__", look)
    return found


def with_factors(book):
    """Returns of one further factor on the bars of Prices."""
    times = [row[0] for row in book.table("Prices").rows]
    rng = np.random.default_rng(2)
    rows = [[time, value] for time, value in zip(times, rng.normal(0, 0.01, len(times)).tolist(), strict=True)]
    book.write_table("Factors", rows, (TABLES["Factors"].header[0], "EQUITIES"))


@pytest.mark.parametrize("job", ["rebalance", "hedge", "stress", "backtest"])
def test_a_job_reads_the_settings_that_say_so_and_no_others(book, seen, job):
    with_factors(book)
    book.write_table("Limits", [["uncertainty", 0.3]], TABLES["Limits"].header)
    situations = SITUATIONS if job in ("rebalance", "backtest") else SITUATIONS[-1:]
    for cells in situations:
        before = {name: book.value(name).value for name in cells}
        for name, value in cells.items():
            book.write_value(name, value)
        getattr(jobs, job)(book, NOW)
        for name, value in before.items():
            book.write_value(name, value)
    if job == "hedge":
        spot = {"Instrument": "BTC spot", "Kind": "spot", "Underlying": "BTCUSDT", "FeeBps": 1.0, "Hedge": "Y"}
        book.write_table("Hedges", [[spot.get(name) for name in TABLES["Hedges"].header]])
        book.write_value("HedgeWeighing", "mean_variance")
        jobs.hedge(book, NOW)
    assert seen == set(DEFAULTS.read_by(job))


READ_BY = {sheet.name: set(re.findall("[A-Z][a-z]+", sheet.purpose.partition("read by")[2])) for sheet in SHEETS}
"""The jobs that read a sheet, of those that say so."""


def test_a_sheet_is_read_by_the_jobs_that_it_names(book, monkeypatch):
    """A job reads tiers where it asks them something; to note in Runs what tiers there were is no reading."""
    readers, job, running = set(), "", [False]

    def look(tiers: Tiers, name: str) -> object:
        if running[0]:
            readers.add(job)
        return object.__getattribute__(tiers, name)

    def read(book: MemoryWorkbook) -> Desk:
        running[0] = False
        desk = read_desk(book)
        running[0] = True
        return desk

    monkeypatch.setattr(jobs, "read_desk", read)
    monkeypatch.setattr(jobs, "check_desk", lambda book, desk: [])
    monkeypatch.setattr(jobs, "write_checks", lambda book, checks: None)
    monkeypatch.setattr("xladdin.desk.read.inputs._written_tiers", lambda desk: [])
    monkeypatch.setattr(Tiers, "__getattribute__", look)
    book.write_table("Tiers", [["BTCUSDT", 0.0, None, 0.004, None, 50.0]])
    for job in ("Rebalance", "Hedge", "Stress", "Backtest"):
        getattr(jobs, job.lower())(book, NOW)
    assert {name: named for name, named in READ_BY.items() if named} == {"Tiers": readers}


def test_the_run_log_has_the_settings_that_its_job_reads(book):
    jobs.rebalance(book, NOW)
    parameters = str(book.table("Runs").column("Parameters")[-1]).split("; ")
    assert [item.split("=")[0] for item in parameters] == list(DEFAULTS.read_by("rebalance"))
    assert {"objective=max_sharpe", "model=classical", "window=720", "vol_target=blank"} <= set(parameters)
    assert not any(item.startswith("seed=") for item in parameters)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_type_of_a_setting_is_that_of_its_cell(setting: Setting) -> None:
    held = {"text": str, "time": datetime, "number": float}[setting.kind]
    assert get_type_hints(Settings)[setting.field] == (held | None if setting.optional else held)


def test_names_in_the_workbook_follow_from_those_in_python() -> None:
    names = {setting.field: setting.name for setting in SETTINGS}
    assert names["beta_method"] == "BetaMethod"
    assert names["vrp_coefficient"] == "VrpCoefficient"


@pytest.mark.parametrize(
    ("model", "objective", "aim", "ceiling", "net"),
    [
        ("classical", "max_sharpe", "max_sharpe", 0.4, 1.0),
        ("hybrid", "target_volatility", "target_volatility", None, 1.0),
        ("min_variance", "target_volatility", None, 0.4, 1.0),
        ("volatility_target", "max_sharpe", None, None, None),
        ("beta_neutral", "max_sharpe", None, 0.4, None),
    ],
)
def test_what_the_model_leaves_of_the_other_settings(model, objective, aim, ceiling, net):
    settings = Settings(**(vars(DEFAULTS) | {"model": model, "objective": objective, "vol_target": 0.4}))
    assert (settings.aim, settings.volatility, settings.net) == (aim, ceiling, net)
