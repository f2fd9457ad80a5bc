"""A configuration of a sweep is the backtest of the desk with those cells, figure for figure."""

from __future__ import annotations

import warnings
from dataclasses import asdict

import numpy as np
import pytest

from core.errors import DataWarning
from core.units import periods_per_year
from core.verify.performance.deflated_sharpe import deflated, deflated_sharpe
from core.verify.performance.overfitting import block_sums
from xladdin.desk.day.backtesting import first_decision, run_backtest
from xladdin.desk.layout.sheets import SETTINGS
from xladdin.desk.read.desk import read_desk
from xladdin.sweep.grid import Configuration, combinations, tried_values
from xladdin.sweep.plan import planned
from xladdin.sweep.verdict import BLOCKS, FIGURES, judge

NAMES = {setting.name for setting in SETTINGS}


def backtested(book, typed: dict[str, object]):
    """What the job makes of the desk with these cells typed into it."""
    for name, value in typed.items():
        if name in NAMES:
            book.write_value(name, value)
            continue
        block = book.table("Universe" if name[0].isupper() else "Limits")
        rows = [list(row) for row in block.rows]
        if name[0].isupper():
            for row in rows:
                row[block.index(name)] = value
        else:
            rows.append([{"Limit": name, "Value": value}.get(heading) for heading in block.header])
        book.write_table(block.name, rows, block.header if name[0].islower() else None)
    book.commit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return run_backtest(read_desk(book))


@pytest.mark.parametrize(
    "typed",
    [
        {"Window": 120.0, "Model": "hybrid", "VolTarget": 0.2},
        {"Model": "risk_budget", "Clock": "calm", "TradeDelay": 1.0, "NoTradeBand": 0.02},
        {"Objective": "utility", "RiskAversion": 8.0, "TakerFeeBps": 20.0, "MaxWeight": 0.2},
        {"Model": "min_variance", "HedgeInPast": "Y", "TargetBeta": 0.1, "CovarianceMethod": "sample"},
        {"Model": "equal_weight", "Benchmark": "ETHUSDT", "CollateralInterest": 0.03},
        {"net_min": 0.2, "NetTarget": None, "Objective": "utility", "MaxStep": 0.3},
        {"Objective": "utility", "BacktestFrom": None, "RiskFree": 0.02, "MarketInPast": "mean"},
    ],
    ids=lambda typed: next(iter(typed)),
)
def test_the_figures_are_those_of_the_backtest_with_these_cells(book, desk, typed) -> None:
    (configuration,) = combinations(desk, {name: [value] for name, value in typed.items()})
    plan = planned(book, desk, {name: [value] for name, value in typed.items()})
    row = judge(plan.desk, configuration, plan.first)
    run = backtested(book, typed)
    expected = {name: None if np.isnan(value) else value for name, value in asdict(run.policy.figures).items()}
    assert row["reason"] is None
    assert {name: row[name] for name in FIGURES} == {name: expected[name] for name in FIGURES}


def test_what_it_is_judged_by_is_of_the_bars_that_all_have(desk) -> None:
    first = first_decision(desk) + 300
    row = judge(desk, Configuration((("Model", "equal_weight"),)), first)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        run = run_backtest(Configuration((("Model", "equal_weight"),)).of(desk))
    returns, periods = run.policy.ledger.returns_since(first), periods_per_year(desk.settings.bar_hours)
    excess = returns - desk.settings.risk_free / periods
    assert row["observations"] == returns.size == len(run.times) - 1 - first
    assert row["judged_sharpe"] == pytest.approx(excess.mean() / excess.std(ddof=1) * np.sqrt(periods), rel=1e-12)
    moments = row["ratio"], int(row["observations"]), row["skewness"], row["kurtosis"]
    assert deflated(*moments, 17) == pytest.approx(deflated_sharpe(excess, 17), abs=1e-15)
    blocks = block_sums(returns, BLOCKS)
    assert row["sums"] == blocks.sums[:, 0].tolist()
    assert row["squares"] == blocks.squares[:, 0].tolist()


def test_one_without_a_run_keeps_the_reason(desk) -> None:
    row = judge(desk, combinations(desk, tried_values(["Model=volatility_target", "VolTarget="]))[0], 300)
    assert "model volatility_target needs VolTarget" in row["reason"]
    assert {row[name] for name in FIGURES} == {None}


def test_cash_has_no_ratio_and_is_no_error(desk) -> None:
    """Ten positions of no contract: all weights are 0, nothing varies and nothing is paid."""
    cells = tried_values(["Model=equal_weight", "MaxWeight=0", "NetTarget=", "MarketInPast=mean"])
    (configuration,) = combinations(desk, cells)
    row = judge(desk, configuration, first_decision(desk))
    if row["reason"] is None:
        assert row["total_return"] == 0
        assert (row["ratio"], row["sharpe"]) == (None, None)
        assert row["sums"] == [0.0] * BLOCKS
    else:
        assert "no answer" in row["reason"]
