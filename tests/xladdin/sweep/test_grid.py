"""What is tried: names and values as a person writes them, combined, each configuration once."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pytest

from core.errors import ArgumentError, BookError
from core.units import BASIS_POINT
from xladdin.sweep.grid import Configuration, combinations, listed_in, tried_values
from xladdin.sweep.plan import planned


def test_all_combinations_in_the_order_in_which_they_were_typed(desk) -> None:
    found = combinations(desk, tried_values(["window=120, 360", "Model=hybrid,risk_budget"]))
    assert [each.text for each in found] == [
        "Model=hybrid; Window=120",
        "Model=risk_budget; Window=120",
        "Model=hybrid; Window=360",
        "Model=risk_budget; Window=360",
    ]


def test_what_comes_to_the_same_desk_is_one_configuration(desk) -> None:
    found = combinations(desk, tried_values(["Window=240,120,120.0", "RiskFree=5%,0.05"]), [{"Window": 120.0}])
    assert [each.text for each in found] == ["as on Settings", "Window=120"]
    assert found[0] == Configuration()


def test_a_blank_is_a_value_where_it_has_a_meaning(desk) -> None:
    assert tried_values(["MaxStep=,20%"]) == {"MaxStep": [None, 0.2]}
    assert [each.text for each in combinations(desk, {"MaxStep": [None, 0.2]})] == ["as on Settings", "MaxStep=0.2"]


def test_values_of_each_kind_are_read_as_settings_are() -> None:
    assert tried_values(["BacktestFrom=2025-02-01,2025-02-01T08:00"]) == {
        "BacktestFrom": [datetime(2025, 2, 1), datetime(2025, 2, 1, 8)]
    }
    assert tried_values(["TakerFeeBps=2,5", "max_volume_share=0.01", "MODEL=Hybrid"]) == {
        "TakerFeeBps": [2.0, 5.0],
        "max_volume_share": [0.01],
        "Model": ["hybrid"],
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Windwo=120", "--try Windwo=120: write NAME=VALUE with the name of a setting; nearest: Window"),
        ("Window", "write the values to try, with commas between: Window=A,B"),
        ("Window=12x0", "--try Window=12x0: Window is a number; write it as 0.3, 30%, 1.5x or 10,000,000"),
        ("Window=1", "--try Window=1 holds 1; Window must be at least 2"),
        ("Window=2.5", "must be a whole number"),
        ("Window=", "--try Window= is blank and Window is needed"),
        ("Model=clasical", "--try Model=clasical holds 'clasical'; Model is one of: classical, hybrid"),
        ("MaxWeight=1000", "--try MaxWeight=1000 holds 1000; MaxWeight must lie between -125 and 125"),
        ("gross_max=-1", "gross_max is -1"),
        ("Trials=5", "Trials cannot be varied: the sweep counts its trials itself"),
        ("BarHours=8", "BarHours cannot be varied: it describes the history, which is one for all"),
        ("PeakEquity=5", "PeakEquity cannot be varied: Backtest does not read it"),
        ("betas=1", "write NAME=VALUE with the name of a setting"),
    ],
)
def test_wrong_names_and_values_are_refused_with_the_right_ones(typed, said) -> None:
    with pytest.raises(ArgumentError) as refusal:
        tried_values([typed])
    assert said in str(refusal.value)


def test_a_name_is_tried_once() -> None:
    with pytest.raises(ArgumentError, match="Window is tried twice"):
        tried_values(["Window=120", "window=240"])


def test_nothing_to_try_and_too_much_are_refused(desk) -> None:
    with pytest.raises(ArgumentError, match="there is nothing to try"):
        combinations(desk, {})
    many = {name: [0.01 * k for k in range(1, 300)] for name in ("RiskFree", "MaxStep", "OverlayCap")}
    with pytest.raises(ArgumentError, match="26,730,899 configurations and at most 5,000,000"):
        combinations(desk, many)


def test_a_file_lists_configurations(tmp_path) -> None:
    table, objects = tmp_path / "a.csv", tmp_path / "a.json"
    table.write_text("window,VolTarget,Model\n120,30%,hybrid\n240,,classical\n", encoding="utf-8-sig")
    objects.write_text(json.dumps([{"Window": 120, "VolTarget": 0.3, "Model": "hybrid"}, {"VolTarget": None}]))
    assert listed_in(table) == [
        {"Window": 120.0, "VolTarget": 0.3, "Model": "hybrid"},
        {"Window": 240.0, "VolTarget": None, "Model": "classical"},
    ]
    assert listed_in(objects) == [{"Window": 120.0, "VolTarget": 0.3, "Model": "hybrid"}, {"VolTarget": None}]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "Window,Model\n120\n", "row 2 has 1 values where 2 are named"),
        ("a.csv", "Window\n", "has no configuration"),
        ("a.csv", "Windwo\n120\n", "a.csv, column 1: write NAME=VALUE with the name of a setting; nearest: Window"),
        ("a.csv", "Window,window\n120,120\n", "names Window twice"),
        ("a.csv", "Window\nlong\n", "a.csv, row 2: Window=long: Window is a number"),
        ("a.json", "[{]", "is no JSON"),
        ("a.json", '{"Window": 120}', "must hold a list of objects"),
        ("a.json", '[{"Window": true}]', "write a number, a text or null"),
        ("a.json", '[{"Window": null}]', "a.json, configuration 1: Window=None is blank"),
        ("a.txt", "", "name a .csv or .json file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(tmp_path, name, text, said) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ArgumentError) as refusal:
        listed_in(tmp_path / name)
    assert said in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path) -> None:
    with pytest.raises(ArgumentError, match="cannot be read: No such file"):
        listed_in(tmp_path / "none.csv")


def test_a_configuration_is_the_desk_with_its_values(desk) -> None:
    values = tried_values(["Window=120", "MaxLeverage=4", "SlippageBps=3", "MaxWeight=0.25", "net_min=0.5"])
    (configuration,) = combinations(desk, values)
    own = configuration.of(desk)
    count = len(desk.universe.symbols)
    assert own.settings.window == 120
    assert np.array_equal(own.universe.initial_margin_rates, np.full(count, 0.25))
    assert np.array_equal(own.universe.slippage_rates, np.full(count, 3 * BASIS_POINT))
    assert np.array_equal(own.universe.max_weights, np.full(count, 0.25))
    assert own.limits["net_min"] == [0.5]
    assert "net_min" not in desk.limits


@pytest.mark.parametrize(
    ("tries", "said"),
    [
        (["Window=120,5000"], "Window=5000: sheet 'Prices'"),
        (["MinWeight=0,0.9", "MaxWeight=0.5"], "is above its largest"),
        (["Benchmark=TONUSDT"], "has no column for TONUSDT"),
        (["BacktestFrom=2030-01-01"], "BacktestFrom is 2030-01-01"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_runs(book, desk, tries, said) -> None:
    with pytest.raises((ArgumentError, BookError)) as refusal:
        planned(book, desk, tried_values(tries))
    assert said in str(refusal.value)
