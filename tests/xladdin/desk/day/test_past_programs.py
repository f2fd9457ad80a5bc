"""A backtest by programs has the figures of the one that asks row by row; what needs asking is asked."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from core.errors import DataWarning
from core.numeric.compiled import loading
from xladdin.desk.day.backtesting import walk_policy
from xladdin.desk.day.past.decisions import DeskDecisions
from xladdin.desk.day.past.shared import SharedPast
from xladdin.desk.read.desk import read_desk

MOMENTS = {"covariance_method": "ledoit_wolf", "decide_every": 48.0, "window": 240.0}


@pytest.fixture
def desk(book):
    desk = read_desk(book)
    return replace(desk, settings=replace(desk.settings, **MOMENTS))


def changed(desk, **settings):
    return replace(desk, settings=replace(desk.settings, **settings))


def walked(desk, *, by_programs: bool, monkeypatch):
    """A walk by the loops; what was asked row by row."""
    asked = []
    with monkeypatch.context() as patched, loading(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        if not by_programs:
            patched.setattr(DeskDecisions, "programs", lambda self: None)
        situation = DeskDecisions.situation
        patched.setattr(
            DeskDecisions, "situation", lambda self, row, *rest: (asked.append(row), situation(self, row, *rest))[1]
        )
        return walk_policy(desk), asked


@pytest.mark.parametrize(
    "settings",
    [
        {"model": "min_variance", "covariance_method": "sample"},
        {"objective": "utility", "risk_aversion": 6.0},
        {"objective": "utility", "market_in_past": "mean", "trade_delay": 2.0, "turnover_cost": 0.002},
        {"objective": "max_sharpe", "risk_free": 0.01},
        {"objective": "max_sharpe", "market_in_past": "mean"},
    ],
    ids=["risk", "utility", "delayed", "ratio", "market"],
)
def test_the_figures_are_those_of_asking_row_by_row(desk, settings, monkeypatch) -> None:
    desk = changed(desk, **settings)
    quick, asked = walked(desk, by_programs=True, monkeypatch=monkeypatch)
    slow, each = walked(desk, by_programs=False, monkeypatch=monkeypatch)
    assert len(asked) < len(each), "the programs answer some of it"
    for name, figure in vars(slow.figures).items():
        assert getattr(quick.figures, name) == pytest.approx(figure, rel=1e-7, abs=1e-9, nan_ok=True), name
    assert np.abs(quick.ledger.weights - slow.ledger.weights).max() < 1e-8
    ours, other = quick.run.decisions, slow.run.decisions
    assert ours.answers == other.answers
    assert [row for row, _ in ours.betas] == [row for row, _ in other.betas]
    for (_, betas), (_, expected) in zip(ours.betas, other.betas, strict=True):
        np.testing.assert_allclose(betas, expected, rtol=1e-9)
    assert [each[0] for each in ours.unanswered] == [each[0] for each in other.unanswered]


@pytest.mark.parametrize(
    "settings",
    [
        {"model": "hybrid"},
        {"objective": "min_variance", "covariance_method": "shrunk_correlation"},
        {"objective": "utility", "vol_target": 0.3},
        {"objective": "utility", "max_drawdown": 0.2},
        {"objective": "utility", "no_trade_band": 0.05},
        {"objective": "utility", "hedge_in_past": "Y"},
        {"objective": "utility", "clock": "calm"},
        {"objective": "utility", "clock_hours": 96.0},
        {"objective": "utility", "regime_window": "Y"},
        {"objective": "utility", "funding_method": "forecast"},
        {"objective": "utility", "beta_method": "ewma"},
        {"objective": "utility", "gross_max": 0.9},
        {"objective": "utility", "margin_buffer": 0.99},
        {"objective": "utility", "max_step": 0.2},
        {"objective": "utility", "portfolio_beta": 1.0},
        {"objective": "utility", "net_target": None},
    ],
    ids=lambda settings: next(reversed(settings)),
)
def test_what_leaves_more_to_decide_by_is_asked(desk, settings) -> None:
    assert decided_by(desk).programs() is not None
    assert decided_by(changed(desk, **settings)).programs() is None


def test_another_policy_beside_it_is_asked(desk) -> None:
    decisions = decided_by(desk)
    decisions.choose = lambda *_: None
    assert decisions.programs() is None


def decided_by(desk) -> DeskDecisions:
    from core.decide.limits.declared import Limits
    from xladdin.desk.day.policy.chosen import desk_policy

    desk = changed(desk, objective="utility") if desk.settings.objective == "max_sharpe" else desk
    shared = SharedPast.of(desk)
    return DeskDecisions(
        shared.history,
        desk_policy(desk, desk.universe),
        int(desk.settings.window),
        Limits(),
        when_unanswered="hold",
        desk=desk,
        shared=shared,
        choose=desk_policy,
        moved=lambda row: None,
    )
