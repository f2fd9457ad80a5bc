"""A function is declared once, checked when it is registered, and called without ever raising."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import warnings
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xladdin
from core.arrays import Array
from core.errors import DataWarning, InfeasibleError, MissingDataError
from xladdin import catalog
from xladdin.catalog import DeclarationError, sheet_function
from xladdin.functions import FILES
from xladdin.kinds import Number, Vector
from xladdin.reasons import ReasonBook
from xladdin.results import Single
from xladdin.results import Vector as VectorResult

CONTRACT = [
    'PERP_RETURNS(prices, [funding], [kind="simple"], [side="long"])',
    "PERP_FUNDING_ANNUAL(rates, [settlements_per_day=3], [compound=FALSE])",
    "PERP_FUNDING_FORECAST(rates, [horizon=3], [halflife=21])",
    'PERP_RESAMPLE(times, values, interval, [how="last"])',
    'PERP_BETA(asset_returns, market_returns, [method="ols"], [halflife=60])',
    "PERP_BETA_ROLLING(asset_returns, market_returns, window, [min_periods])",
    "PERP_BETA_KALMAN(asset_returns, market_returns, [signal_to_noise], [bands=FALSE])",
    "PERP_BETA_FACTORS(asset_returns, factor_returns, [halflife])",
    "PERP_BETA_PORTFOLIO(weights, betas)",
    "PERP_BETA_FORECAST(asset_returns, market_returns, [horizon=24], [seed=1])",
    "PERP_CAPM_RETURN(beta, risk_free, market_return)",
    "PERP_CAPM(asset_returns, market_returns, [risk_free=0], [periods_per_year=365], [intercept=TRUE], "
    '[standard_errors="classical"])',
    "PERP_CAPM_PREMIUM(expected_return, beta, risk_free, market_return, [volatility], [sharpe_hurdle=0])",
    'PERP_VOL(returns, [method="sample"], [periods_per_year=365], [halflife=30])',
    "PERP_GARCH(returns, [horizon=1], [periods_per_year=365])",
    "PERP_ATR(high, low, close, [period=14])",
    "PERP_VRP(implied_vol, returns, [periods_per_year=365], [funding])",
    "PERP_REGIME(returns, [min_size=48], [penalty])",
    "PERP_LEVERAGE(volatility, target_volatility, [max_leverage=3])",
    "PERP_SIZE_VOL(equity, price, volatility, target_volatility, [max_leverage=3], [lot_size=0])",
    "PERP_SIZE_ATR(equity, price, atr, risk_fraction, [atr_multiple=2], [max_leverage=3], [lot_size=0])",
    "PERP_LIQUIDATION(quantity, entry_price, collateral, maintenance_rate, [maintenance_amount=0], [taker_fee=0], "
    '[contract="linear"], [style="amount"], [tiers])',
    "PERP_LIQUIDATION_CROSS(quantities, entry_prices, mark_prices, wallet_balance, maintenance_rates, "
    "[maintenance_amounts], [underlyings])",
    "PERP_TIER(notional, tiers)",
    "PERP_MARGIN(quantities, mark_prices, equity, [maintenance_rates=0.01], [max_leverage=20])",
    'PERP_COV(returns, [method="ledoit_wolf"], [periods_per_year=365], [halflife=60], [market_returns], [gaps="own"])',
    'PERP_OPTIMIZE(expected_returns, covariance, [objective="max_sharpe"], [limits], [returns])',
    "PERP_FRONTIER(expected_returns, covariance, [points=50], [limits])",
    "PERP_RISK_CONTRIBUTION(weights, covariance)",
    "PERP_OVERLAY(baseline_weights, scores, [cap=0.2], [limits])",
    'PERP_VAR(weights, returns, [level=0.95], [method="historical"], [horizon=1])',
    "PERP_TILT(expected_returns, vrp, [coefficient=0.1])",
    "PERP_HEDGE(notionals, betas, target_beta, hedge_betas, [capital], [prices], [lot_sizes], [cost_bps=0], "
    "[hedge_notionals])",
    "PERP_HEDGE_FACTORS(notionals, loadings, hedge_loadings, [targets=0], [capital])",
    "PERP_HEDGE_BAND(beta_now, target_beta, band)",
    "PERP_STRESS(quantities, prices, betas, equity, market_shocks, [maintenance_rates=0.01], "
    "[funding_shock=0], [beta_shift=0], [idiosyncratic])",
    "PERP_STRESS_REVERSE(quantities, prices, betas, equity, [maintenance_rates=0.01])",
    "PERP_STRESS_HISTORY(quantities, prices, equity, price_history, [horizon=1], [worst=10], [maintenance_rates=0.01])",
    "PERP_STRESS_MONTE_CARLO(quantities, prices, equity, returns, [scenarios=10000], [horizon=24], [seed=1], "
    "[maintenance_rates=0.01])",
    "PERP_SHARPE(returns, [risk_free=0], [periods_per_year=365])",
    "PERP_DRAWDOWN(returns)",
    "PERP_ATTRIBUTION(portfolio_returns, market_returns, [funding], [costs], [risk_free=0], [periods_per_year=365])",
    'PERP_BACKTEST(prices, [funding], [policy="hybrid"], [window=720], [rebalance=24], [cost_bps=5], [limits], '
    "[market], [periods_per_year=8760])",
    'PERP_BACKTEST_PATH(prices, [funding], [policy="hybrid"], [window=720], [rebalance=24], [cost_bps=5], [limits], '
    "[market], [periods_per_year=8760])",
    "PERP_WHY([cell])",
    "PERP_VERSION()",
]
"""Names, order and defaults that formulas in people's workbooks depend on."""


@pytest.fixture
def declared():
    """Declare functions for one test only."""
    before = dict(catalog._registry)
    yield catalog
    catalog._registry.clear()
    catalog._registry.update(before)


def test_the_catalogue_is_the_contract():
    assert [spec.signature for spec in catalog.functions()] == CONTRACT


def test_every_function_is_found_in_the_file_that_is_said_to_declare_it():
    for file, names in FILES.items():
        module = importlib.import_module(f"xladdin.functions.{file}")
        assert [name for name in dir(module) if name.startswith("PERP_")] == sorted(names)


def test_one_function_loads_no_more_than_its_own_file_and_the_shared_arguments():
    program = (
        "import sys, xladdin; xladdin.call('PERP_BETA_PORTFOLIO', 1, 1); "
        "print(*sorted(name for name in sys.modules if name.startswith('xladdin.functions.')))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["xladdin.functions.arguments", "xladdin.functions.beta"]


def test_every_help_text_fits_every_host():
    for spec in catalog.functions():
        for text in (spec.summary, *(argument.help for argument in spec.args)):
            assert text
            assert len(text) <= 128


def test_no_name_reads_as_a_cell_address():
    for spec in catalog.functions():
        assert not re.fullmatch(r"[A-Z]{1,3}\d{1,7}|R\d*C\d*", spec.name)


def _declare(name="PERP_TEST", category="Perp Test", doc="A sentence.", help="Help.", default=None):
    def body(x, y=default):
        return x

    body.__name__, body.__doc__ = name, doc
    body.__annotations__ = {"x": Annotated[float, Number(help)], "y": Annotated[float, Number("Help.", above=0)]}
    return sheet_function(category, returns=Single())(body)


@pytest.mark.parametrize(
    ("declaration", "rule"),
    [
        ({"name": "BETA"}, "named PERP_"),
        ({"name": "PERP_beta"}, "named PERP_"),
        ({"name": "PERP_BETA"}, "declared twice"),
        ({"category": "Beta"}, "must begin with 'Perp '"),
        ({"doc": "No full stop"}, "help of summary"),
        ({"doc": ""}, "help of summary"),
        ({"help": "x" * 128 + "."}, "help of x"),
        ({"default": -1.0}, "default of y is not valid"),
    ],
)
def test_a_declaration_against_the_rules_is_refused(declared, declaration, rule):
    with pytest.raises(DeclarationError, match=rule):
        _declare(**declaration)


def test_a_required_argument_after_an_optional_one_is_refused(declared):
    spec = catalog.function("PERP_BETA")
    shuffled = catalog.FunctionSpec("PERP_TEST", "Perp Test", "Help.", spec.args[::-1], spec.returns, spec.body, False)
    with pytest.raises(DeclarationError, match="is required and stands after the optional"):
        catalog.register(shuffled)


def test_an_argument_without_a_kind_is_refused(declared):
    def PERP_TEST(x: float):
        """A sentence."""

    with pytest.raises(DeclarationError, match="x is not annotated with a kind"):
        sheet_function("Perp Test", returns=Single())(PERP_TEST)


def test_variable_arguments_are_refused(declared):
    def PERP_TEST(*x: Annotated[float, Number("Help.")]):
        """A sentence."""

    with pytest.raises(DeclarationError, match="x must be a plain positional argument"):
        sheet_function("Perp Test", returns=Single())(PERP_TEST)


def test_a_call_returns_what_the_cell_shows():
    assert xladdin.call("perp_beta_portfolio", ((0.5, 0.5),), ((1.0,), (1.4,))) == pytest.approx(1.2)
    assert xladdin.call("PERP_VERSION") == xladdin.__version__


@pytest.mark.parametrize(
    ("cells", "shown", "reason"),
    [
        (("PERP_BETTA", 1.0), "#VALUE!", "there is no function PERP_BETTA (did you mean 'PERP_BETA'?)"),
        (("PERP_BETA_PORTFOLIO", 1.0), "#VALUE!", "betas is missing"),
        (("PERP_BETA_PORTFOLIO", 1.0, 1.0, 1.0), "#VALUE!", "takes 2 arguments and got 3"),
        (("PERP_LEVERAGE", "x", 0.5), "#VALUE!", "volatility holds no number"),
    ],
)
def test_a_failed_call_shows_an_error_and_keeps_its_reason(cells, shown, reason):
    assert xladdin.call(*cells) == shown
    assert reason in xladdin.call("PERP_WHY")


def test_an_infinity_in_a_block_has_its_reason():
    without_risk = ((0.0, 0.0), (0.0, 0.0))
    assert xladdin.call("PERP_FRONTIER", ((0.1, 0.2),), without_risk, 2)[1][:3] == [0.2, 0.0, "#NUM!"]
    assert "too large for a number" in xladdin.call("PERP_WHY")


@pytest.mark.parametrize(
    "error", [InfeasibleError("no way"), MissingDataError("too short"), ZeroDivisionError("1 / 0")]
)
def test_each_error_becomes_its_cell_error(declared, error):
    @sheet_function("Perp Test", returns=Single())
    def PERP_TEST() -> float:
        """A sentence."""
        raise error

    assert xladdin.call("PERP_TEST") == getattr(error, "cell_error", "#VALUE!")
    why = xladdin.call("PERP_WHY")
    assert str(error) in why
    assert "Traceback" not in why


def test_warnings_are_kept_as_the_reason_of_a_good_answer(declared):
    @sheet_function("Perp Test", returns=Single())
    def PERP_TEST() -> float:
        """A sentence."""
        for _ in range(2):
            warnings.warn("2 rows dropped", DataWarning, stacklevel=1)
        warnings.warn("not for people", RuntimeWarning, stacklevel=1)
        return 1.0

    assert xladdin.call("PERP_TEST") == 1.0
    assert xladdin.call("PERP_WHY") == "2 rows dropped"


def test_an_answer_that_is_not_defined_says_so():
    beta = xladdin.call("PERP_CAPM", ((0.1,), (0.2,), (0.3,)), ((0.1,), (0.2,), (0.3,)), 0.0, 365.0, False)
    assert ["alpha", "#N/A"] in beta


def test_reasons_are_kept_for_each_calling_cell():
    xladdin.call("PERP_LEVERAGE", -1.0, 0.5, caller="Sheet1!$B$2")
    xladdin.call("PERP_LEVERAGE", 0.5, 0.5, caller="Sheet1!B3")
    assert "volatility" in xladdin.call("PERP_WHY", "'Sheet1'!B2")
    assert xladdin.call("PERP_WHY", "Sheet1!B3") == "No failure or warning is known for Sheet1!B3."
    xladdin.call("PERP_LEVERAGE", 0.5, 0.5, caller="Sheet1!B2")
    assert "No failure" in xladdin.call("PERP_WHY", "Sheet1!B2")


def test_why_after_a_good_call_says_so_and_keeps_the_failure_before_it():
    xladdin.call("PERP_LEVERAGE", 0.0, 0.5)
    assert xladdin.call("PERP_WHY").startswith("volatility is 0")
    xladdin.call("PERP_LEVERAGE", 0.5, 0.5)
    assert xladdin.call("PERP_WHY").startswith(
        "The last call was fine. The last failure or warning before it: volatility is 0"
    )


def test_why_of_a_fresh_process():
    book = ReasonBook()
    assert book.why() == "No failure or warning so far."
    book.record("", None)
    assert book.why() == "The last call was fine."


@pytest.mark.parametrize(
    ("first", "rows", "columns"),
    [
        ((((0.2, 0.4),)), 1, 2),
        ((((0.2,), (0.4,))), 2, 1),
        ([0.2, 0.4], 1, 2),
    ],
)
def test_a_vector_comes_back_in_the_orientation_of_the_first_vector(first, rows, columns):
    shown = xladdin.call("PERP_LEVERAGE", first, 0.4)
    assert (len(shown), len(shown[0])) == (rows, columns)


def test_orientation_follows_the_second_argument_where_the_first_is_one_cell():
    assert xladdin.call("PERP_SIZE_VOL", 1000.0, ((10.0,), (20.0,)), 0.5, 0.5) == [[100.0], [50.0]]


def test_a_block_gives_a_row(declared):
    @sheet_function("Perp Test", returns=VectorResult())
    def PERP_TEST(x: Annotated[Array, Vector("Help.")]) -> Array:
        """A sentence."""
        return x

    assert xladdin.call("PERP_TEST", ((1.0, 2.0, 3.0),)) == [[1.0, 2.0, 3.0]]


cell = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.text(max_size=5),
    st.sampled_from([-2146826246, -2146826281, "#N/A", "ols", "net", "TRUE"]),
)
block = st.lists(st.lists(cell, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4).map(tuple)


@given(st.data())
def test_nothing_raises_out_of_a_call(data):
    name = data.draw(st.sampled_from([spec.name for spec in catalog.functions()]))
    arguments = data.draw(st.lists(st.one_of(cell, block), max_size=9))
    shown = xladdin.call(name, *arguments)
    values = [value for row in shown for value in row] if isinstance(shown, list) else [shown]
    for value in values:
        assert isinstance(value, (float, str))
        assert value == value, "NaN is shown as an error"
    if isinstance(shown, str) and shown.startswith("#"):
        assert shown in ("#N/A", "#VALUE!", "#NUM!")
        assert xladdin.call("PERP_WHY") != ""
        assert "failed inside PerpDesk" not in xladdin.call("PERP_WHY")
