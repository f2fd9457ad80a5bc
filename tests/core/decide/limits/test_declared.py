from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Factor, Group, Limits
from core.errors import ArgumentError, MissingDataError


def test_the_classical_portfolio_is_the_default() -> None:
    limits = Limits.from_rows([], 3)
    assert limits.net_range() == (1.0, 1.0)
    assert limits.vector("min_weight", 3).tolist() == [0, 0, 0]
    assert limits.vector("max_weight", 3).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("net", None)], (-np.inf, np.inf)),
        ([("net", "")], (-np.inf, np.inf)),
        ([("net", 0.5)], (0.5, 0.5)),
        ([("net_min", 0.2)], (0.2, np.inf)),
        ([("net_min", 0.2), ("net_max", 0.9)], (0.2, 0.9)),
        ([("net_max", 2), ("net", 1)], (1.0, 1.0)),
        ([("net_min", None)], (1.0, 1.0)),
    ],
)
def test_net_is_one_unless_it_is_blank_or_a_range_is_stated(rows: list[tuple], expected: tuple[float, float]) -> None:
    assert Limits.from_rows(rows, 2).net_range() == expected


def test_rows_are_read_as_a_spreadsheet_sends_them() -> None:
    block = (
        ("Max_Weight ", 0.5, None, None),
        ("betas", 1.0, 1.2, 0.8),
        ("target_beta", 0.7, None, None),
        (None, None, None, None),
        ("group_1", 1.0, 1.0, None),
        ("group_1_max", 0.6, "", float("nan")),
    )
    limits = Limits.from_rows(block, 3)
    assert limits.vector("max_weight", 3).tolist() == [0.5] * 3
    assert limits.vector("betas", 3).tolist() == [1.0, 1.2, 0.8]
    assert limits.target_beta == 0.7
    [group] = limits.groups
    assert (group.name, group.loadings.tolist(), group.maximum) == ("group_1", [1, 1, 0], 0.6)


def test_groups_and_factors_take_either_side() -> None:
    rows = [
        ("group_2", 1, None, 1),
        ("group_2_min", 0.2),
        ("factor_10", 0.5, -1, 2),
        ("factor_10_min", -0.1),
        ("factor_10_max", 0.3),
        ("factor_2", 1, 1, 1),
        ("factor_2_target", 0),
        ("factor_3", None, None, None),
    ]
    limits = Limits.from_rows(rows, 3)
    [group] = limits.groups
    assert (group.minimum, group.maximum, group.loadings.tolist()) == (0.2, None, [1, 0, 1])
    assert [list(factor.sides()) for factor in limits.factors] == [
        [("factor_10_max", -np.inf, 0.3), ("factor_10_min", -0.1, np.inf)],
        [("factor_2_target", 0.0, 0.0)],
    ]


def test_a_factor_that_limits_nothing_is_refused() -> None:
    with pytest.raises(ArgumentError, match="factor_1 limits nothing; add factor_1_max"):
        Factor("factor_1", np.ones(3))


def test_all_names_of_the_contract_are_read() -> None:
    rows = [
        ("maintenance_rates", 0.01, 0.02, 0.03),
        ("initial_margin_rates", 0.05),
        ("funding_rates", 0.1, -0.1, 0.2),
        ("funding_buffer_days", 30),
        ("daily_volumes", 10, 20, 30),
        ("max_volume_share", 0.01),
        ("market_impact", 0.001),
        ("target_volatility", 0.2),
        ("cvar_level", 0.9),
        ("cvar_max", 0.05),
        ("uncertainty", 0.02, 0.03, 0.04),
        ("budgets", 1, 2, 3),
        ("semivariance_full", 1),
    ]
    limits = Limits.from_rows(rows, 3)
    for name, *values in rows:
        assert np.atleast_1d(getattr(limits, name)).tolist() == values
    assert limits.maintenance_max == 1.0


def test_a_gap_among_the_weight_limits_means_the_default_of_that_contract() -> None:
    limits = Limits.from_rows([("max_weight", 0.4, None, 0.2), ("min_weight", None, -0.1, None)], 3)
    assert limits.vector("max_weight", 3).tolist() == [0.4, 1.0, 0.2]
    assert limits.vector("min_weight", 3).tolist() == [0.0, -0.1, 0.0]


def test_a_gap_among_the_betas_is_missing() -> None:
    limits = Limits.from_rows([("betas", 1.0, None, 0.2), ("target_beta", 1)], 3)
    with pytest.raises(MissingDataError, match="betas has no value at position 2"):
        limits.vector("betas", 3)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("max_wieght", 0.5)], "did you mean 'max_weight'"),
        ([("qqq", 0.5)], "'qqq' is not known"),
        ([("funding_rate", 0.5)], "did you mean 'funding_rates'"),
        ([("factor_1_mx", 0.5)], "did you mean 'factor_1_max'"),
        ([("net", 1, 2)], "takes one value"),
        ([("gross_max", None, 2)], "takes one value"),
        ([("max_weight", 0.5, 0.5)], "has 2 values; it takes 1 or 3"),
        ([("max_weight", 0.5, 0.5, None)], None),
        ([("betas", 0.5, 0.5)], "takes 1 or 3"),
        ([("max_weight", 0.5, 0.5, 0.5, 0.5)], "takes 1 or 3"),
        ([("net", "one")], "'one' as value 1"),
        ([("net", 1), ("Net", 1)], "stated twice"),
        ([(None, 1)], "row 1 has values but no name"),
        ([("group_1", 1, 0, 0)], "needs a row 'group_1_max' or 'group_1_min'"),
        ([("group_01", 1, 0, 0)], "not known"),
        ([("group_1_target", 1)], "not known"),
        ([("factor_2", 1, 0, 0)], "needs a row 'factor_2_max' or 'factor_2_min'"),
        ([("factor_2_min", 1)], "'factor_2_min' needs a row 'factor_2'"),
        ([("factor_2", 1, None, 0), ("factor_2_min", 1)], "has 2 values; it takes one for each of 3"),
        ([("factor_2", 1, 2, 3, 4), ("factor_2_min", 1)], "has 4 values; it takes one for each of 3"),
        ([("factor_2", 1, 2, 3), ("factor_2_target", 1), ("factor_2_max", 2)], "leave out factor_2_max"),
        ([("group_1", 2, 0, 0), ("group_1_max", 1)], "takes 1 .* or 0"),
        ([("group_1_max", 1)], "'group_1_max' needs a row 'group_1'"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(rows: list[tuple], message: str | None) -> None:
    if message is None:
        assert Limits.from_rows(rows, 3).vector("max_weight", 3).tolist() == [0.5, 0.5, 1.0]
        return
    with pytest.raises(ArgumentError, match=message):
        Limits.from_rows(rows, 3)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"gross_max": -1}, "gross_max is -1"),
        ({"max_turnover": -1}, "max_turnover"),
        ({"turnover_cost": -0.1}, "turnover_cost is -0.1"),
        ({"max_step": [-0.1, 1]}, "max_step"),
        ({"initial_margin_rates": [-0.1, 1]}, "initial_margin_rates"),
        ({"risk_aversion": 0}, "risk_aversion"),
        ({"semivariance_alpha": 1.5}, "semivariance_alpha"),
        ({"margin_buffer": 1.0, "initial_margin_rates": 0.1}, "margin_buffer"),
        ({"margin_buffer": 0.3}, "needs initial_margin_rates"),
        ({"maintenance_max": 0.3}, "needs maintenance_rates, .*; add a row 'maintenance_rates'"),
        ({"maintenance_rates": 1}, "maintenance_rates is 1; it must be below 1"),
        ({"maintenance_rates": [0.1, -0.1]}, "maintenance_rates is -0.1 at position 2"),
        ({"maintenance_max": -1, "maintenance_rates": 0.1}, "maintenance_max is -1"),
        ({"funding_buffer_days": 3}, "needs funding_rates"),
        ({"funding_rates": 0.1}, "needs funding_buffer_days"),
        ({"funding_buffer_days": -3, "funding_rates": 0.1}, "funding_buffer_days is -3"),
        ({"max_volume_share": 0.01}, "needs daily_volumes"),
        ({"daily_volumes": 10}, "needs max_volume_share"),
        ({"max_volume_share": -0.01, "daily_volumes": 10}, "max_volume_share is -0.01"),
        ({"max_volume_share": 0.01, "daily_volumes": [10, -1]}, "daily_volumes is -1 at position 2"),
        ({"market_impact": -0.1}, "market_impact is -0.1"),
        ({"target_volatility": 0}, "target_volatility is 0; it must be above 0"),
        ({"cvar_level": 1}, "cvar_level is 1; it must be below 1"),
        ({"cvar_level": 0}, "cvar_level is 0; it must be above 0"),
        ({"cvar_max": "low"}, "cvar_max must be a number"),
        ({"uncertainty": -0.1}, "uncertainty is -0.1"),
        ({"budgets": [0.5, -0.1]}, "budgets is -0.1 at position 2"),
        ({"budgets": [0, 0]}, "budgets are all 0"),
        ({"semivariance_full": 0.5}, "semivariance_full is 0.5; write 1"),
        ({"target_beta": 1}, "needs betas"),
        ({"net": float("nan")}, "net must be a finite"),
        ({"net": "all"}, "net must be a number"),
        ({"max_weight": [[1, 2], [3, 4]]}, "max_weight must be one row"),
        ({"max_weight": float("inf")}, "max_weight is infinite"),
    ],
)
def test_a_value_out_of_range_is_named(stated: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Limits(**stated)


def test_the_limits_of_some_contracts_keep_what_is_theirs() -> None:
    limits = Limits(
        max_weight=[0.5, 0.6, 0.7],
        min_weight=-0.2,
        betas=[1.0, 1.2, 0.8],
        target_beta=0.9,
        groups=(Group("group_1", [1.0, 0.0, 1.0], maximum=0.4), Group("group_2", [0.0, 1.0, 0.0], maximum=0.3)),
        factors=(Factor("factor_1", [0.3, -0.1, 0.5], minimum=-0.1),),
    )
    some = limits.select(np.array([True, False, True]))
    assert some.vector("max_weight", 2).tolist() == [0.5, 0.7]
    assert some.vector("min_weight", 2).tolist() == [-0.2, -0.2]
    assert some.vector("betas", 2).tolist() == [1.0, 0.8]
    assert (some.target_beta, some.net_range()) == (0.9, (1.0, 1.0))
    assert [(group.name, group.loadings.tolist()) for group in some.groups] == [("group_1", [1.0, 1.0])]
    assert some.factors[0].loadings.tolist() == [0.3, 0.5]
    assert limits.select(np.ones(3, dtype=bool)) is limits
    assert limits.select(np.array([False, True, False])).groups[0].maximum == 0.3
