"""Bad input for every argument of every function: the right cell error, and a reason that names the argument."""

from __future__ import annotations

import math

import pytest

from xladdin import call, catalog

NA = -2146826246

SERIES = tuple((x,) for x in (0.01, -0.02, 0.03, 0.015, -0.01))
BLOCK = tuple((x, y) for x, y in ((0.02, 0.01), (-0.03, -0.01), (0.03, 0.02), (0.0, 0.01), (-0.02, 0.02)))
COV = ((0.04, 0.01), (0.01, 0.09))
HISTORY = tuple((0.01 * math.sin(k * k), 0.02 * math.cos(k * k)) for k in range(2880))
RISING = tuple((100.0 + k,) for k in range(20))
FLAT = ((100.0,),) * 20
MOVING = tuple((100.0 * (1 + first), 50.0 * (1 + second)) for first, second in HISTORY[:60])
BACKTEST = {
    "prices": MOVING,
    "funding": ((0.0001, 0.0002),) * 60,
    "policy": "min_variance",
    "window": 35.0,
    "rebalance": 5.0,
    "cost_bps": 5.0,
    "limits": (("max_weight", 0.8),),
    "market": tuple(row[:1] for row in MOVING),
    "periods_per_year": 365.0,
}

GOOD = {
    "PERP_RETURNS": {
        "prices": ((100.0, 50.0), (101.0, 49.0)),
        "funding": ((0.0, 0.0), (0.0, 0.0)),
        "kind": "simple",
        "side": "long",
    },
    "PERP_FUNDING_ANNUAL": {"rates": ((0.0001,),), "settlements_per_day": 3.0, "compound": False},
    "PERP_FUNDING_FORECAST": {"rates": ((0.0001, 0.0002), (0.0003, 0.0001)), "horizon": 3, "halflife": 21.0},
    "PERP_RESAMPLE": {
        "times": ((45474.25,), (45474.5,), (45474.75,), (45475.0,)),
        "values": ((1.0,), (2.0,), (3.0,), (4.0,)),
        "interval": "12h",
        "how": "mean",
    },
    "PERP_BETA": {"asset_returns": BLOCK, "market_returns": SERIES, "method": "ols", "halflife": 60.0},
    "PERP_BETA_ROLLING": {"asset_returns": BLOCK, "market_returns": SERIES, "window": 3.0, "min_periods": 2.0},
    "PERP_BETA_KALMAN": {
        "asset_returns": tuple((row[1],) for row in HISTORY[:30]),
        "market_returns": tuple((row[0],) for row in HISTORY[:30]),
        "signal_to_noise": 0.01,
        "bands": True,
    },
    "PERP_BETA_FACTORS": {"asset_returns": BLOCK, "factor_returns": SERIES, "halflife": 3.0},
    "PERP_BETA_PORTFOLIO": {"weights": ((0.5, 0.5),), "betas": ((1.0, 1.4),)},
    "PERP_BETA_FORECAST": {
        "asset_returns": HISTORY,
        "market_returns": tuple((row[0],) for row in HISTORY),
        "horizon": 24,
        "seed": 1,
    },
    "PERP_CAPM_RETURN": {"beta": ((1.0, 2.0),), "risk_free": 0.05, "market_return": 0.12},
    "PERP_CAPM": {
        "asset_returns": BLOCK,
        "market_returns": SERIES,
        "risk_free": 0.05,
        "periods_per_year": 365.0,
        "intercept": True,
        "standard_errors": "newey_west",
    },
    "PERP_CAPM_PREMIUM": {
        "expected_return": ((0.1, 0.2),),
        "beta": ((1.0, 1.2),),
        "risk_free": 0.05,
        "market_return": 0.12,
        "volatility": ((0.5, 0.6),),
        "sharpe_hurdle": 0.2,
    },
    "PERP_VOL": {"returns": HISTORY[:60], "method": "garch", "periods_per_year": 8760.0, "halflife": 30.0},
    "PERP_GARCH": {"returns": HISTORY[:60], "horizon": 24, "periods_per_year": 8760.0},
    "PERP_ATR": {"high": RISING, "low": FLAT, "close": RISING, "period": 3},
    "PERP_VRP": {"implied_vol": ((0.6, 0.7),), "returns": BLOCK, "periods_per_year": 8760.0, "funding": BLOCK},
    "PERP_REGIME": {"returns": tuple(row[:1] for row in HISTORY[:120]), "min_size": 20, "penalty": 10.0},
    "PERP_LEVERAGE": {"volatility": ((0.5, 0.6),), "target_volatility": 0.3, "max_leverage": 3.0},
    "PERP_SIZE_VOL": {
        "equity": 1e6,
        "price": 100.0,
        "volatility": 0.5,
        "target_volatility": 0.3,
        "max_leverage": 3.0,
        "lot_size": 0.1,
    },
    "PERP_SIZE_ATR": {
        "equity": 1e6,
        "price": 100.0,
        "atr": 2.0,
        "risk_fraction": 0.01,
        "atr_multiple": 2.0,
        "max_leverage": 3.0,
        "lot_size": 0.1,
    },
    "PERP_LIQUIDATION": {
        "quantity": ((1.0, -2.0),),
        "entry_price": ((100.0, 50.0),),
        "collateral": ((20.0, 20.0),),
        "maintenance_rate": 0.01,
        "maintenance_amount": 0.1,
        "taker_fee": 0.0,
        "contract": "linear",
        "style": "initial_less_maintenance",
        "tiers": None,
    },
    "PERP_LIQUIDATION_CROSS": {
        "quantities": ((1.0, -2.0),),
        "entry_prices": ((100.0, 50.0),),
        "mark_prices": ((95.0, 51.0),),
        "wallet_balance": 40.0,
        "maintenance_rates": 0.01,
        "maintenance_amounts": ((0.1, 0.1),),
        "underlyings": (("BTC", "ETH"),),
    },
    "PERP_TIER": {
        "notional": ((40_000.0, 60_000.0),),
        "tiers": ((0.0, 50_000.0, 0.004, 0.0, 125.0), (50_000.0, 250_000.0, 0.005, 50.0, 100.0)),
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
        "gaps": "own",
    },
    "PERP_OPTIMIZE": {
        "expected_returns": ((0.1, 0.2),),
        "covariance": COV,
        "objective": "semivariance",
        "limits": (("net", 1.0),),
        "returns": BLOCK,
    },
    "PERP_RISK_CONTRIBUTION": {"weights": ((0.5, 0.5),), "covariance": COV},
    "PERP_OVERLAY": {
        "baseline_weights": ((0.6, 0.4),),
        "scores": ((1.0, -1.0),),
        "cap": 0.2,
        "limits": (("net", 1.0),),
    },
    "PERP_VAR": {
        "weights": ((0.5, 0.5),),
        "returns": HISTORY[:60],
        "level": 0.9,
        "method": "historical",
        "horizon": 2,
    },
    "PERP_FRONTIER": {
        "expected_returns": ((0.1, 0.2),),
        "covariance": COV,
        "points": 5,
        "limits": (("net", 1.0),),
    },
    "PERP_TILT": {"expected_returns": ((0.1, 0.2),), "vrp": ((0.05, 0.1),), "coefficient": 0.1},
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
    "PERP_HEDGE_FACTORS": {
        "notionals": ((1e6, 1e6),),
        "loadings": ((1.0, 1.4), (0.2, -0.1)),
        "hedge_loadings": ((1.0, 0.9), (0.1, 0.5)),
        "targets": ((0.3,), (0.0,)),
        "capital": 2e6,
    },
    "PERP_HEDGE_BAND": {"beta_now": 1.2, "target_beta": 1.0, "band": 0.1},
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
    "PERP_STRESS_REVERSE": {
        "quantities": ((1.0, 10.0),),
        "prices": ((60_000.0, 3_000.0),),
        "betas": ((1.0, 1.2),),
        "equity": 50_000.0,
        "maintenance_rates": 0.01,
    },
    "PERP_STRESS_HISTORY": {
        "quantities": ((1.0, 10.0),),
        "prices": ((60_000.0, 3_000.0),),
        "equity": 50_000.0,
        "price_history": tuple((100.0 + first, 50.0 + second) for first, second in BLOCK),
        "horizon": 2.0,
        "worst": 2.0,
        "maintenance_rates": 0.01,
    },
    "PERP_STRESS_MONTE_CARLO": {
        "quantities": ((1.0, 10.0),),
        "prices": ((60_000.0, 3_000.0),),
        "equity": 50_000.0,
        "returns": BLOCK,
        "scenarios": 100.0,
        "horizon": 3.0,
        "seed": 1.0,
        "maintenance_rates": 0.01,
    },
    "PERP_SHARPE": {"returns": BLOCK, "risk_free": 0.03, "periods_per_year": 365.0},
    "PERP_DRAWDOWN": {"returns": BLOCK},
    "PERP_ATTRIBUTION": {
        "portfolio_returns": tuple((row[0],) for row in HISTORY[:30]),
        "market_returns": tuple((row[1],) for row in HISTORY[:30]),
        "funding": ((0.0001,),) * 30,
        "costs": 0.0002,
        "risk_free": 0.03,
        "periods_per_year": 365.0,
    },
    "PERP_BACKTEST": BACKTEST,
    "PERP_BACKTEST_PATH": BACKTEST,
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
    needs_it = {
        ("PERP_CAPM_PREMIUM", "volatility"),
        ("PERP_COV", "market_returns"),
        ("PERP_OPTIMIZE", "returns"),
        ("PERP_HEDGE", "prices"),
        ("PERP_BACKTEST", "window"),  # the usual one is longer than these prices
        ("PERP_BACKTEST_PATH", "window"),
    }
    shown = call_with(name, **{argument: None})
    assert is_bad(shown) == ((name, argument) in needs_it), call("PERP_WHY")


@pytest.mark.parametrize(
    ("name", "changed", "shown", "reason"),
    [
        ("PERP_RETURNS", {"prices": ((100.0,), (-1.0,)), "funding": None}, "#VALUE!", "prices"),
        ("PERP_RETURNS", {"prices": ((100.0,),), "funding": None}, "#N/A", "prices"),
        ("PERP_RETURNS", {"funding": ((0.0, 0.0),)}, "#VALUE!", "funding"),
        ("PERP_FUNDING_ANNUAL", {"settlements_per_day": 0.0}, "#VALUE!", "settlements_per_day"),
        ("PERP_FUNDING_FORECAST", {"horizon": 0.0}, "#VALUE!", "horizon is 0; it must be at least 1"),
        ("PERP_FUNDING_FORECAST", {"horizon": 1.5}, "#VALUE!", "horizon is 1.5; it must be a whole number"),
        ("PERP_FUNDING_FORECAST", {"halflife": 0.0}, "#VALUE!", "halflife is 0; it must be above 0"),
        ("PERP_RESAMPLE", {"times": ((45474.5,), (45474.25,), (45475.0,), (45476.0,))}, "#VALUE!", "times: row 2 lies"),
        (
            "PERP_RESAMPLE",
            {"times": ((45474.5,), (45474.5,), (45475.0,), (45476.0,))},
            "#VALUE!",
            "times: row 2 repeats",
        ),
        (
            "PERP_RESAMPLE",
            {"times": ((45474.5,), (None,), (45475.0,), (45476.0,))},
            "#VALUE!",
            "times has no date in row 2",
        ),
        ("PERP_RESAMPLE", {"times": ((-1.0,), (2.0,), (3.0,), (4.0,))}, "#VALUE!", "times is -1 at position 1"),
        ("PERP_RESAMPLE", {"values": ((1.0,), (2.0,))}, "#VALUE!", "times has 4 rows and values has 2"),
        ("PERP_RESAMPLE", {"interval": "7h"}, "#VALUE!", "interval '7h' does not divide a day"),
        ("PERP_RESAMPLE", {"interval": 8.0}, "#VALUE!", "interval '8' is not understood"),
        ("PERP_BETA", {"market_returns": SERIES[:3]}, "#VALUE!", "market_returns"),
        ("PERP_BETA", {"market_returns": ((0.01,),) * 5}, "#NUM!", "market_returns"),
        ("PERP_BETA", {"halflife": -1.0}, "#VALUE!", "halflife"),
        ("PERP_BETA", {"asset_returns": ((0.01,),), "market_returns": ((0.01,),)}, "#N/A", "asset_returns"),
        (
            "PERP_BETA",
            {"method": "shrunk", "asset_returns": BLOCK[:2], "market_returns": SERIES[:2]},
            "#N/A",
            "2 where 3",
        ),
        ("PERP_BETA", {"method": "kalman"}, "#N/A", "asset_returns has too few complete rows, 5 where 10 are needed"),
        ("PERP_BETA_ROLLING", {"window": 6.0, "min_periods": None}, "#N/A", "window needs 6 rows and there are 5"),
        ("PERP_BETA_ROLLING", {"window": 1.0}, "#VALUE!", "window is 1; it must be at least 2"),
        ("PERP_BETA_ROLLING", {"window": 2.5}, "#VALUE!", "window is 2.5; it must be a whole number"),
        ("PERP_BETA_ROLLING", {"min_periods": 4.0}, "#VALUE!", "min_periods is 4; it must be at most 3"),
        (
            "PERP_BETA_ROLLING",
            {"market_returns": ((0.01,),) * 5},
            "#NUM!",
            "market_returns are constant in every window",
        ),
        ("PERP_BETA_ROLLING", {"market_returns": SERIES[:3]}, "#VALUE!", "asset_returns has 5 rows and market_returns"),
        ("PERP_BETA_KALMAN", {"signal_to_noise": -1.0}, "#VALUE!", "signal_to_noise is -1; it must be at least 0"),
        ("PERP_BETA_KALMAN", {"asset_returns": HISTORY[:30]}, "#VALUE!", "asset_returns has 2 columns and bands"),
        ("PERP_BETA_KALMAN", {"market_returns": ((0.01,),) * 30}, "#NUM!", "market_returns are constant"),
        (
            "PERP_BETA_KALMAN",
            {"market_returns": SERIES},
            "#VALUE!",
            "asset_returns has 30 rows and market_returns has 5",
        ),
        ("PERP_BETA_FACTORS", {"halflife": -3.0}, "#VALUE!", "halflife is -3; it must be above 0"),
        ("PERP_BETA_FACTORS", {"factor_returns": ((0.01,),) * 5}, "#NUM!", "factor_returns: column 1 is constant"),
        ("PERP_BETA_FACTORS", {"factor_returns": SERIES[:3]}, "#VALUE!", "asset_returns has 5 rows and factor_returns"),
        (
            "PERP_BETA_FACTORS",
            {"asset_returns": BLOCK[:2], "factor_returns": SERIES[:2]},
            "#N/A",
            "2 where 3 are needed",
        ),
        ("PERP_BETA_PORTFOLIO", {"betas": ((1.0, 1.0, 1.0),)}, "#VALUE!", "betas"),
        ("PERP_BETA_FORECAST", {"horizon": 4.0}, "#VALUE!", "horizon is 4; it must be at least 5"),
        ("PERP_BETA_FORECAST", {"horizon": 5.5}, "#VALUE!", "horizon is 5.5; it must be a whole number"),
        ("PERP_BETA_FORECAST", {"horizon": 25.0}, "#N/A", "asset_returns has too few complete rows, 2880 where 3000"),
        ("PERP_BETA_FORECAST", {"seed": -1.0}, "#VALUE!", "seed is -1; it must be at least 0"),
        ("PERP_BETA_FORECAST", {"seed": 1e10}, "#VALUE!", "seed is 1e+10; it must be at most"),
        ("PERP_BETA_FORECAST", {"market_returns": SERIES}, "#VALUE!", "asset_returns has 2880 rows and market_returns"),
        ("PERP_BETA_FORECAST", {"market_returns": ((0.01,),) * 2880}, "#NUM!", "market_returns are constant"),
        ("PERP_CAPM", {"periods_per_year": 0.0}, "#VALUE!", "periods_per_year"),
        ("PERP_CAPM", {"risk_free": ((0.05,),) * 3}, "#VALUE!", "risk_free"),
        ("PERP_CAPM_PREMIUM", {"volatility": ((0.5, 0.0),)}, "#VALUE!", "volatility is 0; it must be above 0"),
        ("PERP_CAPM_PREMIUM", {"beta": ((1.0, 1.2, 1.4),)}, "#VALUE!", "beta (3,)"),
        (
            "PERP_VOL",
            {"returns": ((1e160,), (-2e160,), (3e160,))},
            "#VALUE!",
            "returns is 1e+160 at row 1",
        ),
        (
            "PERP_BETA_ROLLING",
            {"window": 1e7, "min_periods": None},
            "#N/A",
            "window needs 10000000 rows and there are 5",
        ),
        ("PERP_BETA_ROLLING", {"window": 1e9, "min_periods": 6.0}, "#N/A", "window needs 6 rows and there are 5"),
        ("PERP_VOL", {"periods_per_year": 0.0}, "#VALUE!", "periods_per_year is 0"),
        ("PERP_VOL", {"halflife": -1.0}, "#VALUE!", "halflife is -1"),
        ("PERP_VOL", {"method": "ewma", "halflife": 0.01}, "#VALUE!", "halflife is so short"),
        ("PERP_VOL", {"method": "sample", "returns": ((0.01, 0.02),)}, "#N/A", "returns has too few complete rows, 1"),
        ("PERP_VOL", {"returns": ((0.01,),) * 60}, "#NUM!", "returns: all values are the same"),
        ("PERP_GARCH", {"returns": HISTORY[:49]}, "#N/A", "49 where 50 are needed"),
        ("PERP_GARCH", {"returns": ((0.01, 0.02),) * 60}, "#NUM!", "returns, column 1: all values are the same"),
        ("PERP_GARCH", {"horizon": 0.0}, "#VALUE!", "horizon is 0; it must be at least 1"),
        ("PERP_GARCH", {"horizon": 1.5}, "#VALUE!", "horizon is 1.5; it must be a whole number"),
        ("PERP_GARCH", {"periods_per_year": -1.0}, "#VALUE!", "periods_per_year is -1"),
        ("PERP_ATR", {"high": RISING[:5]}, "#VALUE!", "high has 5 rows and low has 20"),
        ("PERP_ATR", {"low": ((0.0,),) * 20}, "#VALUE!", "low is 0 at position 1; a price must be above zero"),
        ("PERP_ATR", {"low": ((101.0,),) * 20}, "#VALUE!", "high 100 is below low 101 in row 1"),
        ("PERP_ATR", {"period": 0.0}, "#VALUE!", "period is 0; it must be at least 1"),
        ("PERP_ATR", {"period": 21.0}, "#N/A", "period is 21 and there are 20 complete bars"),
        ("PERP_VRP", {"implied_vol": ((0.6, -0.7),)}, "#VALUE!", "implied_vol is -0.7 at position 2"),
        ("PERP_VRP", {"implied_vol": ((0.6, 0.7, 0.8),)}, "#VALUE!", "implied_vol has 3 values where 2 are needed"),
        ("PERP_VRP", {"periods_per_year": 0.0}, "#VALUE!", "periods_per_year is 0"),
        ("PERP_VRP", {"funding": BLOCK[:2]}, "#VALUE!", "funding is 2 x 2 where returns are 5 x 2"),
        ("PERP_REGIME", {"returns": SERIES}, "#N/A", "returns has too few complete rows, 5 where 20 are needed"),
        ("PERP_REGIME", {"returns": ((0.0,),) * 60}, "#NUM!", "returns are all zero"),
        ("PERP_REGIME", {"min_size": 1.0}, "#VALUE!", "min_size is 1; it must be at least 2"),
        ("PERP_REGIME", {"min_size": 20.5}, "#VALUE!", "min_size is 20.5; it must be a whole number"),
        ("PERP_REGIME", {"penalty": -1.0}, "#VALUE!", "penalty is -1; it must be at least 0"),
        ("PERP_LEVERAGE", {"volatility": 0.0}, "#VALUE!", "volatility"),
        ("PERP_LEVERAGE", {"max_leverage": 0.0}, "#VALUE!", "max_leverage"),
        ("PERP_SIZE_VOL", {"price": 0.0}, "#VALUE!", "price"),
        ("PERP_SIZE_VOL", {"lot_size": -1.0}, "#VALUE!", "lot"),
        ("PERP_SIZE_ATR", {"atr": -1.0}, "#VALUE!", "atr is -1"),
        ("PERP_SIZE_ATR", {"atr": ((2.0, None),)}, "#N/A", "atr has no value at position 2"),
        ("PERP_SIZE_ATR", {"risk_fraction": 1.5}, "#VALUE!", "risk_fraction is 1.5; it must be at most 1"),
        ("PERP_SIZE_ATR", {"atr_multiple": 0.0}, "#VALUE!", "atr_multiple is 0"),
        ("PERP_SIZE_ATR", {"price": 0.0}, "#VALUE!", "price is 0"),
        ("PERP_SIZE_ATR", {"lot_size": -1.0}, "#VALUE!", "lot_size is -1"),
        ("PERP_LIQUIDATION", {"quantity": 0.0}, "#VALUE!", "quantity is 0"),
        ("PERP_LIQUIDATION", {"entry_price": ((100.0, 0.0),)}, "#VALUE!", "entry_price is 0 at position 2"),
        ("PERP_LIQUIDATION", {"entry_price": ((100.0, None),)}, "#N/A", "entry_price has no value at position 2"),
        ("PERP_LIQUIDATION", {"collateral": 0.0}, "#VALUE!", "collateral is 0 at position 1; it must be above 0"),
        (
            "PERP_LIQUIDATION",
            {"tiers": ((0.0, 50.0, 0.01, 0.0, 20.0),)},
            "#VALUE!",
            "tiers go with style 'amount' alone",
        ),
        (
            "PERP_LIQUIDATION",
            {"style": "amount", "tiers": ((5.0, 50.0, 0.01, 0.0, 20.0),)},
            "#VALUE!",
            "the first tier must start at 0",
        ),
        ("PERP_LIQUIDATION", {"collateral": 0.5}, "#NUM!", "below the maintenance margin"),
        ("PERP_LIQUIDATION", {"maintenance_rate": 1.0}, "#VALUE!", "maintenance_rate is 1"),
        ("PERP_LIQUIDATION", {"maintenance_rate": 0.5}, "#NUM!", "1 % = 0.01"),
        ("PERP_LIQUIDATION", {"maintenance_amount": -1.0}, "#VALUE!", "maintenance_amount is -1"),
        ("PERP_LIQUIDATION", {"taker_fee": -0.1}, "#VALUE!", "taker_fee is -0.1"),
        ("PERP_LIQUIDATION", {"contract": "quanto"}, "#VALUE!", "contract 'quanto' is not known"),
        ("PERP_LIQUIDATION", {"style": "amounts"}, "#VALUE!", "did you mean 'amount'"),
        ("PERP_LIQUIDATION_CROSS", {"quantities": ((0.0, 0.0),)}, "#VALUE!", "quantities are all 0"),
        ("PERP_LIQUIDATION_CROSS", {"mark_prices": ((95.0, None),)}, "#N/A", "mark_prices has no value at position 2"),
        ("PERP_LIQUIDATION_CROSS", {"entry_prices": ((1.0, -1.0),)}, "#VALUE!", "entry_prices is -1 at position 2"),
        ("PERP_LIQUIDATION_CROSS", {"entry_prices": 1.0}, "#VALUE!", "quantities has 2 rows and entry_prices has 1"),
        ("PERP_LIQUIDATION_CROSS", {"wallet_balance": 5.0}, "#NUM!", "no equity left"),
        ("PERP_LIQUIDATION_CROSS", {"wallet_balance": 8.0}, "#NUM!", "below maintenance already"),
        ("PERP_LIQUIDATION_CROSS", {"maintenance_rates": 1.0}, "#VALUE!", "maintenance_rates is 1"),
        ("PERP_LIQUIDATION_CROSS", {"maintenance_amounts": -1.0}, "#VALUE!", "maintenance_amounts is -1"),
        ("PERP_LIQUIDATION_CROSS", {"underlyings": "BTC"}, "#VALUE!", "underlyings has 1 labels where 2 are needed"),
        ("PERP_LIQUIDATION_CROSS", {"underlyings": (("BTC", NA),)}, "#VALUE!", "underlyings shows #N/A in one of its"),
        ("PERP_LIQUIDATION_CROSS", {"underlyings": (("a", "b"),) * 2}, "#VALUE!", "underlyings must be one row or one"),
        ("PERP_TIER", {"tiers": ((0.0, 5.0, 0.01, 0.0),)}, "#VALUE!", "tiers has 4 columns where 5 are needed"),
        ("PERP_TIER", {"tiers": ((0.0, 5.0, 0.4, 0.0, 125.0),)}, "#VALUE!", "is it in percent"),
        (
            "PERP_TIER",
            {"tiers": ((0.0, 6.0, 0.01, 0.0, 50.0), (5.0, 9.0, 0.02, 0.05, 20.0))},
            "#VALUE!",
            "tiers have an overlap: row 1 ends at 6 and row 2 starts at 5",
        ),
        (
            "PERP_TIER",
            {"tiers": ((5.0, 9.0, 0.02, 0.05, 20.0), (0.0, 5.0, 0.01, 0.0, 50.0))},
            "#VALUE!",
            "min_notional is 5 in tier row 1; the first tier must start at 0",
        ),
        (
            "PERP_TIER",
            {"tiers": ((0.0, 5.0, 0.01, 0.0, 50.0), (6.0, 9.0, 0.02, 0.06, 20.0))},
            "#VALUE!",
            "tiers have a gap: row 1 ends at 5 and row 2 starts at 6",
        ),
        (
            "PERP_TIER",
            {"tiers": ((0.0, 5.0, 0.01, 0.0, 50.0), (5.0, 9.0, 0.02, 0.06, 20.0))},
            "#VALUE!",
            "maintenance_amount is 0.06 in tier row 2 where the rates make it 0.05",
        ),
        ("PERP_MARGIN", {"equity": 0.0}, "#VALUE!", "equity"),
        ("PERP_MARGIN", {"mark_prices": ((100.0, None),)}, "#N/A", "mark_prices has no value at position 2"),
        ("PERP_MARGIN", {"mark_prices": 100.0}, "#VALUE!", "quantities has 2 rows and mark_prices has 1"),
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
        ("PERP_RISK_CONTRIBUTION", {"weights": ((0.0, 0.0),)}, "#NUM!", "without variance"),
        ("PERP_RISK_CONTRIBUTION", {"weights": ((0.5, None),)}, "#N/A", "weights has no value at position 2"),
        ("PERP_RISK_CONTRIBUTION", {"covariance": ((0.04, 0.01),)}, "#VALUE!", "covariance has 1 rows and 2 columns"),
        ("PERP_OVERLAY", {"baseline_weights": ((0.6, None),)}, "#N/A", "baseline_weights has no value at position 2"),
        ("PERP_OVERLAY", {"scores": ((1.0, 0.0, -1.0),)}, "#VALUE!", "scores has 3 values where 2 are needed"),
        ("PERP_OVERLAY", {"cap": 1.5}, "#VALUE!", "cap is 1.5; it must be at most 1"),
        ("PERP_OVERLAY", {"limits": (("max_weight", 0.3),)}, "#NUM!", "cannot reach net 1"),
        ("PERP_OVERLAY", {"limits": (("max_weight", 0.3, 0.9),)}, "#NUM!", "baseline_weights break the limits"),
        ("PERP_OVERLAY", {"limits": (("max_wieght", 0.3),)}, "#VALUE!", "did you mean 'max_weight'"),
        ("PERP_OVERLAY", {"limits": (("cvar_max", 0.3),)}, "#VALUE!", "cvar_max needs returns"),
        ("PERP_VAR", {"weights": ((0.0, 0.0),)}, "#NUM!", "weights are all 0, so there is nothing to lose"),
        ("PERP_VAR", {"weights": ((0.5, None),)}, "#N/A", "weights has no value at position 2"),
        ("PERP_VAR", {"weights": ((0.5, 0.3, 0.2),)}, "#VALUE!", "returns has 2 columns where 3 are needed"),
        ("PERP_VAR", {"returns": HISTORY[:2]}, "#N/A", "returns has too few complete rows, 2 where 3 are needed"),
        ("PERP_VAR", {"level": 0.05}, "#VALUE!", "level is 0.05; it must be at least 0.5"),
        ("PERP_VAR", {"level": 99.0}, "#VALUE!", "level is 99; it must be below 1"),
        ("PERP_VAR", {"method": "historicl"}, "#VALUE!", "did you mean 'historical'"),
        ("PERP_VAR", {"horizon": 0.5}, "#VALUE!", "horizon is 0.5; it must be at least 1"),
        ("PERP_FRONTIER", {"points": 1.0}, "#VALUE!", "points is 1; it must be at least 2"),
        ("PERP_FRONTIER", {"points": 1e9}, "#VALUE!", "points is 1e+09; it must be at most 10000"),
        ("PERP_FRONTIER", {"points": 2.5}, "#VALUE!", "points is 2.5; it must be a whole number"),
        ("PERP_FRONTIER", {"covariance": ((0.04, None), (0.01, 0.09))}, "#N/A", "covariance"),
        ("PERP_FRONTIER", {"limits": (("max_weight", 0.4),)}, "#NUM!", "max_weight 0.4 x 2 contracts = 0.8"),
        ("PERP_FRONTIER", {"limits": (("cap", 0.4),)}, "#VALUE!", "limits row 'cap' is not known"),
        ("PERP_TILT", {"vrp": ((0.05, 0.1, 0.2),)}, "#VALUE!", "vrp has 3 values where 2 are needed"),
        ("PERP_TILT", {"coefficient": math.inf}, "#VALUE!", "coefficient"),
        ("PERP_HEDGE", {"hedge_betas": ((0.0, 0.0),)}, "#VALUE!", "hedge_betas"),
        ("PERP_HEDGE", {"capital": 0.0}, "#VALUE!", "capital"),
        ("PERP_HEDGE", {"prices": 60_000.0}, "#VALUE!", "prices has 1 values where 2 are needed, one for each hedge"),
        ("PERP_HEDGE", {"prices": ((60_000.0, -1.0),)}, "#VALUE!", "prices is -1 at position 2"),
        ("PERP_HEDGE", {"prices": ((60_000.0, ""),)}, "#N/A", "prices has no value at position 2, so its lots"),
        ("PERP_HEDGE", {"hedge_notionals": -5e5}, "#VALUE!", "hedge_notionals has 1 values where 2 are needed"),
        ("PERP_HEDGE", {"hedge_notionals": ((-5e5, None),)}, "#N/A", "hedge_notionals has no value at position 2"),
        ("PERP_HEDGE", {"notionals": ((0.0, 0.0),), "capital": None}, "#VALUE!", "capital is 0 because notionals"),
        ("PERP_HEDGE", {"hedge_betas": 0.001, "hedge_notionals": 0.0}, "#VALUE!", "take a contract with a beta of at"),
        ("PERP_HEDGE", {"cost_bps": -5.0}, "#VALUE!", "cost_bps is -5 at position 1; it must be at least 0"),
        (
            "PERP_HEDGE_FACTORS",
            {"loadings": ((1.0, 0.2, 0.1),)},
            "#VALUE!",
            "loadings has 3 columns where 2 are needed",
        ),
        ("PERP_HEDGE_FACTORS", {"loadings": ((1.0, None), (0.2, 0.1))}, "#N/A", "loadings has no value at row 1"),
        ("PERP_HEDGE_FACTORS", {"hedge_loadings": ((1.0, 0.9),)}, "#VALUE!", "hedge_loadings has 1 rows where 2"),
        ("PERP_HEDGE_FACTORS", {"hedge_loadings": ((0.0,), (0.0,))}, "#VALUE!", "hedge_loadings are all 0"),
        (
            "PERP_HEDGE",
            {"notionals": ((1e308, 1e308),)},
            "#VALUE!",
            "notionals is 1e+308 at position 1, larger",
        ),
        (
            "PERP_HEDGE",
            {"hedge_betas": ((1e-320, 1.0),)},
            "#VALUE!",
            "hedge_betas is 9.99989e-321 at position 1",
        ),
        ("PERP_HEDGE_FACTORS", {"loadings": ((1e308, 0.2), (0.2, 0.1))}, "#VALUE!", "loadings is 1e+308 at row 1"),
        ("PERP_HEDGE_FACTORS", {"targets": ((0.1, 0.2, 0.3),)}, "#VALUE!", "targets has 3 values where 2"),
        ("PERP_HEDGE_FACTORS", {"notionals": 0.0, "capital": None}, "#VALUE!", "loadings has 2 columns where 1"),
        ("PERP_HEDGE_BAND", {"band": -0.1}, "#VALUE!", "band"),
        ("PERP_STRESS", {"market_shocks": -1.5}, "#VALUE!", "market_shocks"),
        ("PERP_STRESS", {"prices": ((60_000.0, None),)}, "#N/A", "prices"),
        ("PERP_STRESS", {"betas": ((1.0,),) * 3}, "#VALUE!", "betas"),
        ("PERP_STRESS", {"equity": 0.0}, "#VALUE!", "equity"),
        ("PERP_STRESS", {"maintenance_rates": 1.0}, "#VALUE!", "maintenance_rates is 1"),
        ("PERP_STRESS", {"betas": ((1.0, None),)}, "#N/A", "betas has no value at position 2"),
        ("PERP_STRESS_REVERSE", {"equity": -1.0}, "#VALUE!", "equity"),
        ("PERP_STRESS_REVERSE", {"equity": 500.0}, "#NUM!", "below the maintenance margin"),
        ("PERP_STRESS_REVERSE", {"quantities": ((0.0, 0.0),)}, "#NUM!", "no position"),
        ("PERP_STRESS_REVERSE", {"prices": ((60_000.0, None),)}, "#N/A", "prices has no value at position 2"),
        ("PERP_STRESS_REVERSE", {"betas": ((1.0, None),)}, "#N/A", "betas has no value at position 2"),
        ("PERP_STRESS_REVERSE", {"maintenance_rates": 1.0}, "#VALUE!", "maintenance_rates"),
        ("PERP_STRESS_HISTORY", {"quantities": ((0.0, 0.0),)}, "#VALUE!", "quantities are all 0"),
        ("PERP_STRESS_HISTORY", {"prices": ((60_000.0, None),)}, "#N/A", "prices has no value at position 2"),
        ("PERP_STRESS_HISTORY", {"equity": 0.0}, "#VALUE!", "equity is 0"),
        ("PERP_STRESS_HISTORY", {"price_history": SERIES}, "#VALUE!", "price_history has 1 columns where 2 are needed"),
        ("PERP_STRESS_HISTORY", {"price_history": BLOCK}, "#VALUE!", "price_history is -0.03 at row 2, column 1"),
        ("PERP_STRESS_HISTORY", {"horizon": 5.0}, "#N/A", "has 5 rows and a window of 5 moves needs 6"),
        ("PERP_STRESS_HISTORY", {"horizon": 0.0}, "#VALUE!", "horizon is 0; it must be at least 1"),
        ("PERP_STRESS_HISTORY", {"worst": 0.0}, "#VALUE!", "worst is 0; it must be at least 1"),
        ("PERP_STRESS_HISTORY", {"maintenance_rates": 1.0}, "#VALUE!", "maintenance_rates is 1"),
        ("PERP_STRESS_MONTE_CARLO", {"quantities": ((0.0, 0.0),)}, "#VALUE!", "quantities are all 0"),
        ("PERP_STRESS_MONTE_CARLO", {"prices": ((None, 3_000.0),)}, "#N/A", "prices has no value at position 1"),
        ("PERP_STRESS_MONTE_CARLO", {"equity": -1.0}, "#VALUE!", "equity is -1"),
        ("PERP_STRESS_MONTE_CARLO", {"returns": SERIES}, "#VALUE!", "returns has 1 columns where 2 are needed"),
        ("PERP_STRESS_MONTE_CARLO", {"returns": BLOCK[:1]}, "#N/A", "returns has too few complete rows, 1"),
        ("PERP_STRESS_MONTE_CARLO", {"returns": ((-1.0, 0.0),) * 2}, "#VALUE!", "a simple return is above -1"),
        ("PERP_STRESS_MONTE_CARLO", {"scenarios": 0.0}, "#VALUE!", "scenarios is 0; it must be at least 1"),
        ("PERP_STRESS_MONTE_CARLO", {"scenarios": 1e9}, "#VALUE!", "scenarios is 1e+09; it must be at most"),
        ("PERP_STRESS_MONTE_CARLO", {"horizon": 0.0}, "#VALUE!", "horizon is 0; it must be at least 1"),
        ("PERP_STRESS_MONTE_CARLO", {"horizon": 1e5}, "#VALUE!", "horizon is 100000; it must be at most 8760"),
        ("PERP_STRESS_MONTE_CARLO", {"seed": -1.0}, "#VALUE!", "seed is -1; it must be at least 0"),
        ("PERP_STRESS_MONTE_CARLO", {"maintenance_rates": 1.0}, "#VALUE!", "maintenance_rates is 1"),
        ("PERP_SHARPE", {"returns": BLOCK[:1]}, "#N/A", "returns has too few complete rows, 1 where 2 are needed"),
        ("PERP_SHARPE", {"returns": ((0.01,),) * 5}, "#NUM!", "returns do not vary, so no Sharpe ratio exists"),
        ("PERP_SHARPE", {"risk_free": ((0.05,),) * 3}, "#VALUE!", "risk_free has 3 values where 5 are needed, one for"),
        ("PERP_SHARPE", {"periods_per_year": 0.0}, "#VALUE!", "periods_per_year is 0; it must be above 0"),
        (
            "PERP_DRAWDOWN",
            {"returns": ((0.1,), (-1.5,))},
            "#VALUE!",
            "returns is -1.5 at row 2, column 1; no more than",
        ),
        ("PERP_DRAWDOWN", {"returns": ((0.1, None), (0.2, None))}, "#N/A", "returns: column 2 holds no number"),
        ("PERP_ATTRIBUTION", {"market_returns": SERIES}, "#VALUE!", "portfolio_returns has 30 rows and market_returns"),
        ("PERP_ATTRIBUTION", {"market_returns": ((0.01,),) * 30}, "#NUM!", "market_returns are constant"),
        ("PERP_ATTRIBUTION", {"portfolio_returns": ((-1.0,),) + ((0.1,),) * 29}, "#NUM!", "all was lost there"),
        ("PERP_ATTRIBUTION", {"costs": -0.1}, "#VALUE!", "costs is -0.1"),
        ("PERP_ATTRIBUTION", {"funding": ((0.1,), (0.2,))}, "#VALUE!", "funding has 2 values where 30 are needed"),
        ("PERP_ATTRIBUTION", {"risk_free": ((0.1, 0.2),)}, "#VALUE!", "risk_free has 2 values where 30 are needed"),
        ("PERP_ATTRIBUTION", {"periods_per_year": -1.0}, "#VALUE!", "periods_per_year is -1"),
        ("PERP_BACKTEST", {"window": 58.0}, "#N/A", "window of 58 returns and 2 bars after it need 61 rows of prices"),
        ("PERP_BACKTEST", {"window": 1.0}, "#VALUE!", "window is 1; it must be at least 2"),
        ("PERP_BACKTEST", {"rebalance": 0.0}, "#VALUE!", "rebalance is 0; it must be at least 1"),
        ("PERP_BACKTEST", {"rebalance": 1.5}, "#VALUE!", "rebalance is 1.5; it must be a whole number"),
        ("PERP_BACKTEST", {"cost_bps": -1.0}, "#VALUE!", "cost_bps is -1; it must be at least 0"),
        ("PERP_BACKTEST", {"policy": "hybird"}, "#VALUE!", "did you mean 'hybrid'"),
        ("PERP_BACKTEST", {"prices": ((100.0, 0.0), *MOVING[1:])}, "#VALUE!", "prices is 0 at row 1, column 2"),
        (
            "PERP_BACKTEST",
            {"funding": ((0.0001, 0.0002),) * 59},
            "#VALUE!",
            "funding is 59 x 2 where prices are 60",
        ),
        ("PERP_BACKTEST", {"market": ((100.0,),) * 59}, "#VALUE!", "prices has 60 rows and market has 59"),
        ("PERP_BACKTEST", {"market": ((-0.01,),) * 60}, "#VALUE!", "market is -0.01 at position 1; a price must be"),
        ("PERP_BACKTEST", {"periods_per_year": 0.0}, "#VALUE!", "periods_per_year is 0; it must be above 0"),
        ("PERP_BACKTEST", {"limits": (("max_wieght", 0.3),)}, "#VALUE!", "did you mean 'max_weight'"),
        ("PERP_BACKTEST", {"limits": (("max_weight", 0.3),)}, "#NUM!", "the policy had no answer in 5 of 5 decisions"),
        ("PERP_BACKTEST", {"limits": (("trials", 0.0),)}, "#VALUE!", "trials is 0; it must be at least 1"),
        ("PERP_BACKTEST", {"limits": (("delay", -1.0),)}, "#VALUE!", "delay is -1; it must be at least 0"),
        ("PERP_BACKTEST", {"limits": (("delay", 1.0, 2.0),)}, "#VALUE!", "limits row 'delay' takes one value"),
        (
            "PERP_BACKTEST",
            {"limits": (("delay", 1.0), ("delay", 2.0))},
            "#VALUE!",
            "limits row 'delay' is stated",
        ),
        ("PERP_BACKTEST", {"limits": (("trails", 5.0),)}, "#VALUE!", "'trails' is not known (did you mean 'trials'?)"),
        ("PERP_BACKTEST", {"limits": (("when_unanswered", "csh"),)}, "#VALUE!", "did you mean 'cash'"),
        (
            "PERP_BACKTEST",
            {"limits": (("liquidation_fee", 1.0),)},
            "#VALUE!",
            "liquidation_fee is 1; it must be below",
        ),
        ("PERP_BACKTEST", {"limits": (("maintenance_rates", 1.0),)}, "#VALUE!", "maintenance_rates is 1"),
        ("PERP_BACKTEST_PATH", {"window": 60.0}, "#N/A", "window of 60 returns"),
    ],
)
def test_a_bad_value_gets_the_right_error_and_a_reason(name, changed, shown, reason):
    assert call_with(name, **changed) == shown, call("PERP_WHY")
    assert reason in call("PERP_WHY")
