"""What a sweep says at its end: ranks, what the choice is worth by figures from elsewhere, and the sheet."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pyarrow.parquet as parquet
import pytest

from core.errors import BookError, DataWarning
from core.units import periods_per_year
from core.verify.performance.deflated_sharpe import best_by_luck, deflated_sharpe
from core.verify.performance.overfitting import overfitting
from xladdin.desk import jobs
from xladdin.desk.day.backtesting import walk_policy
from xladdin.sweep.ending import ended
from xladdin.sweep.grid import tried_values
from xladdin.sweep.places import Here
from xladdin.sweep.plan import planned
from xladdin.sweep.store import opened_store
from xladdin.sweep.sweep import sweep


def run(plan, path):
    with opened_store(path, plan.header) as store:
        return ended(plan, store, sweep(plan, store, Here()))


@pytest.fixture
def swept(plan, tmp_path):
    return run(plan, tmp_path / "desk.sweep.parquet")


def pairs(block, names: str, values: str) -> dict:
    """Two columns of a table, the one by the other."""
    return dict(zip(block.column(names), block.column(values), strict=True))


def returns_of(plan) -> np.ndarray:
    """Of each configuration over the bars that all have, walked anew."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return np.column_stack(
            [walk_policy(each.of(plan.desk)).ledger.returns_since(plan.first) for each in plan.configurations]
        )


def test_ratios_are_deflated_by_all_that_were_tried(plan, swept) -> None:
    returns, periods = returns_of(plan), periods_per_year(plan.desk.settings.bar_hours)
    rates = np.array([each.of(plan.desk).settings.risk_free for each in plan.configurations]) / periods
    excess = returns - rates
    sharpe = excess.mean(axis=0) / excess.std(axis=0, ddof=1) * np.sqrt(periods)
    best = int(sharpe.argmax())
    assert swept.trials == 8
    assert swept.best[0].configuration == plan.configurations[best].text
    assert [each.sharpe for each in swept.best] == pytest.approx(sorted(sharpe, reverse=True), rel=1e-9)
    assert swept.best[0].deflated_sharpe == pytest.approx(deflated_sharpe(excess[:, best], 8), abs=1e-12)
    luck = best_by_luck(8, 1 / (len(returns) - 1)) * np.sqrt(periods)
    assert swept.by_luck == pytest.approx(luck, rel=1e-12)


def test_overfitting_is_that_of_the_runs_that_differ(plan, swept) -> None:
    returns = returns_of(plan)
    differ = [0]
    for column in range(1, returns.shape[1]):
        if not any(np.array_equal(returns[:, column], returns[:, other]) for other in differ):
            differ.append(column)
    assert 2 <= len(differ) < returns.shape[1]  # equal weights ask no risk-free rate
    expected = overfitting(returns[:, differ])
    assert swept.overfitting == pytest.approx(expected.probability, abs=1e-12)
    assert swept.loss == pytest.approx(expected.loss, abs=1e-12)


def test_trials_before_the_sweep_count_too(book, desk, tmp_path) -> None:
    once = run(planned(book, desk, tried_values(["Model=equal_weight,min_variance"])), tmp_path / "a.parquet")
    book.write_value("Trials", 99.0)
    book.commit()
    tried = replace(desk, settings=replace(desk.settings, trials=99.0))
    again = run(planned(book, tried, tried_values(["Model=equal_weight,min_variance"])), tmp_path / "a.parquet")
    assert (once.trials, again.trials) == (2, 100)
    assert again.best[0].deflated_sharpe < once.best[0].deflated_sharpe


def test_a_wider_grid_goes_on_in_the_file_and_counts_all_of_it(book, desk, tmp_path) -> None:
    path = tmp_path / "a.parquet"
    run(planned(book, desk, tried_values(["Model=equal_weight,min_variance"])), path)
    wider = run(planned(book, desk, tried_values(["Model=min_variance,risk_budget", "RiskFree=0.01,0.05"])), path)
    assert wider.trials == 5
    table = parquet.read_table(path)
    assert sorted(table["Configuration"].to_pylist()) == [
        "Model=equal_weight",
        "Model=min_variance",
        "Model=min_variance; RiskFree=0.01",
        "Model=risk_budget",
        "Model=risk_budget; RiskFree=0.01",
    ]
    assert "DeflatedSharpe" in table.column_names


def test_one_configuration_is_no_choice_and_says_so(book, desk, tmp_path) -> None:
    with pytest.warns(DataWarning, match="the probability of overfitting needs two configurations that differ"):
        found = run(planned(book, desk, tried_values(["Model=equal_weight"])), tmp_path / "a.parquet")
    assert (found.overfitting, found.loss, found.heat) == (None, None, None)
    assert found.best[0].sharpe is not None


def test_configurations_without_a_run_stand_at_the_end_with_their_reason(book, desk, tmp_path) -> None:
    tries = tried_values(["Model=volatility_target,equal_weight,min_variance", "VolTarget="])
    found = run(planned(book, desk, tries), tmp_path / "a.parquet")
    assert found.failed == 1
    assert found.best[-1].configuration == "Model=volatility_target"
    assert "needs VolTarget" in found.best[-1].reason
    assert found.best[-1].sharpe is None


def test_the_map_has_medians_of_the_two_variables_with_most_values(book, desk, tmp_path) -> None:
    tries = tried_values(["Window=120,240,180", "Model=equal_weight,min_variance", "RiskFree=0.05,0.02"])
    found = run(planned(book, desk, tries), tmp_path / "a.parquet")
    heat, ratio = found.heat, {each.configuration: each.sharpe for each in found.best}
    assert heat.rows == ["Window 120", "Window 180", "Window 240"]
    assert heat.columns == ["Model equal_weight", "Model min_variance"]
    both = [ratio["Model=min_variance; Window=180"], ratio["Model=min_variance; RiskFree=0.02; Window=180"]]
    assert heat.cells[1][1] == pytest.approx(np.median(both), rel=1e-12)


def test_the_sheet_shows_it_and_the_checks_say_what_it_is_worth(book, swept) -> None:
    report = jobs.sweep(book, swept, said=["one more note"])
    summary = pairs(book.table("SweepSummary"), "Measure", "Value")
    assert summary["Configurations"] == 8
    assert summary["Results file"] == "desk.sweep.parquet"
    assert summary["Sharpe of Settings"] == swept.own.sharpe
    assert book.table("Sweep").column("Rank") == [float(rank) for rank in range(1, 9)]
    assert book.table("SweepMap").header[0] == "Value"
    assert len(book.table("SweepMap").rows) == 2
    checks = pairs(book.table("Checks"), "Check", "Status")
    assert checks["Sweep belongs to today's inputs"] == "OK"
    assert checks["The best of the sweep is no luck"] == "WARN"
    assert "one more note" in report.warnings
    logged = dict(zip(book.table("Runs").header, book.table("Runs").rows[-1], strict=True))
    assert logged["Job"] == "sweep"
    assert logged["Parameters"].startswith("tried: Window=120,240; Model=classical,equal_weight; RiskFree=0.05,0.02; ")


def test_a_sweep_of_other_inputs_is_not_put_on_the_desk(book, swept) -> None:
    book.write_value("Window", 300.0)
    book.commit()
    with pytest.raises(BookError, match="inputs have changed since the sweep began; all that it found is in desk"):
        jobs.sweep(book, swept)
    assert not book.table("Sweep").rows or book.table("Sweep").rows[0][0] is None


def test_the_check_says_when_inputs_change_afterwards(book, swept) -> None:
    jobs.sweep(book, swept)
    book.write_value("Window", 300.0)
    book.commit()
    jobs.check(book)
    checks = pairs(book.table("Checks"), "Check", "Status")
    assert checks["Sweep belongs to today's inputs"] == "WARN"
