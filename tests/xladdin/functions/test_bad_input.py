"""Bad input for every argument of every function: the right cell error, and a reason that names the argument."""

from __future__ import annotations

import math

import pytest

from xladdin import call, catalog

NA = -2146826246

SERIES = tuple((x,) for x in (0.01, -0.02, 0.03, 0.015, -0.01))
BLOCK = tuple((x, y) for x, y in ((0.02, 0.01), (-0.03, -0.01), (0.03, 0.02), (0.0, 0.01), (-0.02, 0.02)))
COV = ((0.04, 0.01), (0.01, 0.09))

GOOD = {
    "PERP_RETURNS": {
        "prices": ((100.0, 50.0), (101.0, 49.0)),
        "funding": ((0.0, 0.0), (0.0, 0.0)),
        "kind": "simple",
        "side": "long",
    },
    "PERP_FUNDING_ANNUAL": {"rates": ((0.0001,),), "settlements_per_day": 3.0, "compound": False},
    "PERP_BETA": {"asset_returns": BLOCK, "market_returns": SERIES, "method": "ols", "halflife": 60.0},
    "PERP_BETA_PORTFOLIO": {"weights": ((0.5, 0.5),), "betas": ((1.0, 1.4),)},
    "PERP_CAPM_RETURN": {"beta": ((1.0, 2.0),), "risk_free": 0.05, "market_return": 0.12},
    "PERP_CAPM": {
        "asset_returns": BLOCK,
        "market_returns": SERIES,
        "risk_free": 0.05,
        "periods_per_year": 365.0,
        "intercept": True,
    },
    "PERP_LEVERAGE": {"volatility": ((0.5, 0.6),), "target_volatility": 0.3, "max_leverage": 3.0},
    "PERP_SIZE_VOL": {
        "equity": 1e6,
        "price": 100.0,
        "volatility": 0.5,
        "target_volatility": 0.3,
        "max_leverage": 3.0,
        "lot_size": 0.1,
    },
    "PERP_MARGIN": {
        "quantities": ((1.0, -2.0),),
        "mark_prices": ((100.0, 50.0),),
        "equity": 100.0,
        "maintenance_rates": 0.01,
        "max_leverage": 20.0,
    },
    "PERP_COV": {
        "returns": BLOCK,
        "method": "factor",
        "periods_per_year": 365.0,
        "halflife": 60.0,
        "market_returns": SERIES,
    },
    "PERP_OPTIMIZE": {
        "expected_returns": ((0.1, 0.2),),
        "covariance": COV,
        "objective": "semivariance",
        "limits": (("net", 1.0),),
        "returns": BLOCK,
    },
    "PERP_HEDGE": {
        "notionals": ((1e6, 1e6),),
        "betas": ((1.0, 1.4),),
        "target_beta": 0.3,
        "hedge_betas": ((1.0, 0.9),),
        "capital": 2e6,
        "prices": ((60_000.0, 3_000.0),),
        "lot_sizes": ((0.001, 0.001),),
        "cost_bps": 5.0,
        "hedge_notionals": ((0.0, 0.0),),
    },
    "PERP_STRESS": {
        "quantities": ((1.0, 10.0),),
        "prices": ((60_000.0, 3_000.0),),
        "betas": ((1.0, 1.2),),
        "equity": 50_000.0,
        "market_shocks": ((-0.1, 0.1),),
        "maintenance_rates": 0.01,
        "funding_shock": 0.0,
        "beta_shift": 0.0,
        "idiosyncratic": ((0.0, 0.0),),
    },
}
"""One good call of each function, every argument given."""

ARGUMENTS = [(name, argument) for name, arguments in GOOD.items() for argument in arguments]
OPTIONAL = [
    (spec.name, arg.name) for spec in catalog.functions() for arg in spec.args if arg.optional and spec.name in GOOD
]


def call_with(name, **changed):
    return call(name, *{**GOOD[name], **changed}.values())


def is_bad(shown):
    return shown in ("#VALUE!", "#N/A", "#NUM!")


def test_every_function_has_a_good_call_here():
    documented = {spec.name: [argument.name for argument in spec.args] for spec in catalog.functions()}
    assert {name: list(arguments) for name, arguments in GOOD.items()} == {
        name: arguments for name, arguments in documented.items() if name not in ("PERP_WHY", "PERP_VERSION")
    }


@pytest.mark.parametrize("name", GOOD)
def test_the_good_call_is_good(name):
    assert not is_bad(call_with(name)), call("PERP_WHY")


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_an_error_cell_in_its_place_is_refused_by_name(name, argument):
    assert is_bad(call_with(name, **{argument: NA}))
    assert argument in call("PERP_WHY")


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_a_word_in_its_place_is_refused_by_name(name, argument):
    assert is_bad(call_with(name, **{argument: "nonsense"}))
    assert argument in call("PERP_WHY")


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_an_infinite_value_is_refused_by_name(name, argument):
    assert is_bad(call_with(name, **{argument: math.inf}))
    assert argument in call("PERP_WHY")


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_rows_of_unequal_length_are_refused_by_name(name, argument):
    assert is_bad(call_with(name, **{argument: ((1.0, 2.0), (3.0,))}))
    assert argument in call("PERP_WHY")


@pytest.mark.parametrize(("name", "argument"), [pair for pair in ARGUMENTS if pair not in OPTIONAL])
def test_a_required_argument_left_blank_is_refused_by_name(name, argument):
    assert call_with(name, **{argument: None}) == "#VALUE!"
    assert f"{argument} is missing" in call("PERP_WHY")


@pytest.mark.parametrize(("name", "argument"), OPTIONAL)
def test_an_optional_argument_may_be_left_blank(name, argument):
    needs_it = {("PERP_COV", "market_returns"), ("PERP_OPTIMIZE", "returns"), ("PERP_HEDGE", "prices")}
    shown = call_with(name, **{argument: None})
    assert is_bad(shown) == ((name, argument) in needs_it), call("PERP_WHY")


@pytest.mark.parametrize(
    ("name", "changed", "shown", "reason"),
    [
        ("PERP_RETURNS", {"prices": ((100.0,), (-1.0,)), "funding": None}, "#VALUE!", "prices"),
        ("PERP_RETURNS", {"prices": ((100.0,),), "funding": None}, "#N/A", "prices"),
        ("PERP_RETURNS", {"funding": ((0.0, 0.0),)}, "#VALUE!", "funding"),
        ("PERP_FUNDING_ANNUAL", {"settlements_per_day": 0.0}, "#VALUE!", "settlements_per_day"),
        ("PERP_BETA", {"market_returns": SERIES[:3]}, "#VALUE!", "market_returns"),
        ("PERP_BETA", {"market_returns": ((0.01,),) * 5}, "#NUM!", "market_returns"),
        ("PERP_BETA", {"halflife": -1.0}, "#VALUE!", "halflife"),
        ("PERP_BETA", {"asset_returns": ((0.01,),), "market_returns": ((0.01,),)}, "#N/A", "asset_returns"),
        ("PERP_BETA_PORTFOLIO", {"betas": ((1.0, 1.0, 1.0),)}, "#VALUE!", "betas"),
        ("PERP_CAPM", {"periods_per_year": 0.0}, "#VALUE!", "periods_per_year"),
        ("PERP_CAPM", {"risk_free": ((0.05,),) * 3}, "#VALUE!", "risk_free"),
        ("PERP_LEVERAGE", {"volatility": 0.0}, "#VALUE!", "volatility"),
        ("PERP_LEVERAGE", {"max_leverage": 0.0}, "#VALUE!", "max_leverage"),
        ("PERP_SIZE_VOL", {"price": 0.0}, "#VALUE!", "price"),
        ("PERP_SIZE_VOL", {"lot_size": -1.0}, "#VALUE!", "lot"),
        ("PERP_MARGIN", {"equity": 0.0}, "#VALUE!", "equity"),
        ("PERP_MARGIN", {"maintenance_rates": 1.0}, "#VALUE!", "maintenance_rates"),
        ("PERP_MARGIN", {"max_leverage": 0.0}, "#VALUE!", "max_leverage"),
        ("PERP_COV", {"returns": BLOCK[:1], "market_returns": SERIES[:1]}, "#N/A", "returns"),
        ("PERP_COV", {"market_returns": SERIES[:2]}, "#VALUE!", "market_returns"),
        ("PERP_OPTIMIZE", {"covariance": ((0.04, 0.01),)}, "#VALUE!", "covariance"),
        ("PERP_OPTIMIZE", {"covariance": ((0.04, 0.01), (0.02, 0.09))}, "#VALUE!", "covariance is not symmetric"),
        ("PERP_OPTIMIZE", {"covariance": ((0.01, 0.1), (0.1, 0.01))}, "#VALUE!", "covariance is not positive"),
        ("PERP_OPTIMIZE", {"covariance": ((0.04, None), (0.01, 0.09))}, "#N/A", "covariance"),
        (
            "PERP_OPTIMIZE",
            {"objective": "max_sharpe", "expected_returns": ((-0.1, -0.2),)},
            "#NUM!",
            "no positive premium",
        ),
        ("PERP_OPTIMIZE", {"limits": (("turnover_cost", -1.0),)}, "#VALUE!", "turnover_cost"),
        ("PERP_HEDGE", {"hedge_betas": ((0.0, 0.0),)}, "#VALUE!", "hedge_betas"),
        ("PERP_HEDGE", {"capital": 0.0}, "#VALUE!", "capital"),
        ("PERP_STRESS", {"market_shocks": -1.5}, "#VALUE!", "market_shocks"),
        ("PERP_STRESS", {"prices": ((60_000.0, None),)}, "#N/A", "prices"),
        ("PERP_STRESS", {"betas": ((1.0,),) * 3}, "#VALUE!", "betas"),
    ],
)
def test_a_bad_value_gets_the_right_error_and_a_reason(name, changed, shown, reason):
    assert call_with(name, **changed) == shown, call("PERP_WHY")
    assert reason in call("PERP_WHY")
