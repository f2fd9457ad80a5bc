"""The desk's day on real history, worked out a second time with other libraries from the raw files.

BTC, ETH and SOL, 30 days of hourly bars to the end of June 2024; the LUNA weeks of 2022 on eight contracts; SOL with
its 120 missing hours.
"""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest
from sklearn.covariance import LedoitWolf

from tests.sample_file import sample_file
from tests.xladdin.desk.conftest import NOW
from xladdin.books.file_book import FileBook
from xladdin.desk import jobs

SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
EIGHT = [*SYMBOLS, "ADAUSDT", "ATOMUSDT", "DOTUSDT", "LINKUSDT", "LTCUSDT"]
HOURS = 720
RISK_FREE, MARKET_RETURN, EQUITY = 0.05, 0.30, 10e6


def numbers(block, column):
    return np.array(block.column(column), dtype=np.float64)


@pytest.fixture(scope="module")
def empty_desk(tmp_path_factory):
    return sample_file(tmp_path_factory.mktemp("real") / "desk.xlsx")


@pytest.fixture
def book(empty_desk):
    with FileBook.open(empty_desk) as opened:
        yield opened


@pytest.fixture
def june(book, shared_data):
    """The desk of the mission: three contracts, 720 hourly returns ending 2024-06-30."""
    jobs.refresh(book, shared_data / "perp_1h", SYMBOLS, "2024-06-30", HOURS, NOW)
    return book


@pytest.fixture
def raw(shared_data):
    """Closing prices and settled funding straight from the files, one column a contract, at the close of the bar."""
    frames = {symbol: pd.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet") for symbol in SYMBOLS}
    closes = pd.DataFrame({symbol: frame["close"] for symbol, frame in frames.items()})
    closes.index += pd.Timedelta(hours=1)
    funding = pd.DataFrame({symbol: frame["funding_settle"] for symbol, frame in frames.items()})
    closes = closes[closes.index <= pd.Timestamp("2024-07-01", tz="UTC")].iloc[-HOURS - 1 :]
    return closes, funding.reindex(closes.index).fillna(0.0)


@pytest.fixture
def estimates(raw):
    """Betas by least squares, expected returns by the CAPM less funding, all a year.

    Covariance: variances by numpy, correlations shrunk by scikit-learn.
    """
    closes, funding = raw
    returns = (closes.pct_change() - funding).iloc[1:].to_numpy()
    market = returns[:, 0]
    betas = np.array([np.polyfit(market, asset, 1)[0] for asset in returns.T])
    deviations = returns.std(axis=0, ddof=1)
    correlations = LedoitWolf().fit(returns / returns.std(axis=0)).covariance_
    covariance = correlations * np.outer(deviations, deviations) * 8760
    paid = funding.iloc[1:].sum().to_numpy() * 8760 / HOURS
    return betas, covariance, RISK_FREE + betas * (MARKET_RETURN - RISK_FREE) - paid


def best_sharpe(expected, covariance, current, cost, margin_rates, betas=None, target_beta=None, net=None):
    """The greatest Sharpe ratio after trading cost by cvxpy: y = w / k with excess return one (Schaible)."""
    y, k = cp.Variable(3), cp.Variable()
    limits = [
        (expected - RISK_FREE) @ y - cost @ cp.abs(y - k * current) == 1,
        k >= 0,
        y >= 0,
        y <= 0.5 * k,
        cp.norm1(y) <= 2 * k,
        margin_rates @ cp.abs(y) <= 0.7 * k,
    ]
    limits += [cp.sum(y) == net * k] if net is not None else [betas @ y == target_beta * k]
    limits[0] = (expected - RISK_FREE) @ y - cost @ cp.abs(y - k * current) >= 1
    cp.Problem(cp.Minimize(cp.quad_form(y, cp.psd_wrap(covariance))), limits).solve(
        solver=cp.CLARABEL, tol_gap_abs=1e-12, tol_gap_rel=1e-12, tol_feas=1e-12
    )
    return y.value / k.value


def inputs_of(book):
    universe = book.table("Universe")
    price, position = numbers(universe, "Price")[:3], np.nan_to_num(numbers(universe, "Position")[:3])
    cost = (numbers(universe, "TakerFeeBps") + numbers(universe, "SlippageBps"))[:3] * 1e-4
    return position * price / EQUITY, cost, 1 / numbers(universe, "MaxLeverage")[:3]


def test_the_history_on_the_desk_is_that_of_the_files(june, raw):
    closes, funding = raw
    prices = june.table("Prices")
    np.testing.assert_array_equal([row[1:] for row in prices.rows], closes.to_numpy())
    assert list(prices.column("Time")) == [time.to_pydatetime().replace(tzinfo=None) for time in closes.index]
    settled = np.array([[value or 0.0 for value in row[1:]] for row in june.table("Funding").rows])
    np.testing.assert_allclose(settled[1:], funding.to_numpy()[1:], rtol=1e-12)
    # Three a day for 30 days; the last of them, at midnight, is not in the files.
    assert (settled[1:] != 0).sum(axis=0).tolist() == [89, 89, 89]


def test_classical_mean_variance_of_the_mission(june, estimates):
    betas, covariance, expected = estimates
    jobs.rebalance(june, NOW)
    np.testing.assert_allclose(numbers(june.table("Estimates"), "Beta"), betas, rtol=1e-9)
    np.testing.assert_allclose(numbers(june.table("Estimates"), "Volatility"), np.sqrt(np.diag(covariance)), rtol=1e-9)
    np.testing.assert_allclose(numbers(june.table("Estimates"), "ExpectedReturn"), expected, rtol=1e-9)
    final = numbers(june.table("Weights"), "Final")
    np.testing.assert_allclose(final, best_sharpe(expected, covariance, *inputs_of(june), net=1.0), atol=2e-5)
    assert final.sum() == pytest.approx(1, abs=1e-9)
    assert final.min() >= -1e-12
    assert final.max() <= 0.5 + 1e-12


def test_beta_target_gross_and_margin_then_hedge_and_stress(june, estimates):
    betas, covariance, expected = estimates
    june.write_value("NetTarget", None)
    june.write_value("PortfolioBeta", 0.7)
    jobs.rebalance(june, NOW)
    final = numbers(june.table("Weights"), "Final")
    wanted = best_sharpe(expected, covariance, *inputs_of(june), betas=betas, target_beta=0.7)
    np.testing.assert_allclose(final, wanted, atol=2e-5)
    assert final @ betas == pytest.approx(0.7, abs=1e-9)

    universe = june.table("Universe")
    hedge_only_with_btc = [list(row) for row in universe.rows]
    for row in hedge_only_with_btc:
        row[universe.index("Hedge")] = "Y" if row[0] == "BTCUSDT" else "N"
    june.write_table("Universe", hedge_only_with_btc)
    jobs.hedge(june, NOW)
    hedge = june.table("Hedge")
    assert hedge.column("Hedge") == ["BTCUSDT"]
    positions = numbers(june.table("Weights"), "TargetPosition")
    prices = numbers(universe, "Price")[:3]
    half_a_lot = 0.0005 * prices[0] / EQUITY
    assert hedge.column("BetaAfter")[0] == pytest.approx(0.3, abs=half_a_lot)
    needed = (0.3 - positions * prices @ betas / EQUITY) * EQUITY
    assert hedge.column("TradeNotional")[0] == pytest.approx(needed, abs=0.001 * prices[0])

    jobs.stress(june, NOW)
    positions[0] += hedge.column("TradeContracts")[0]
    stress = june.table("Stress")
    fall = stress.column("Scenario").index("Market -10 % in one hour")
    assert stress.column("PnL")[fall] == pytest.approx(positions * prices @ betas * -0.1, rel=1e-9)
    assert set(stress.column("Verdict")) == {"survives"}
    assert jobs.check(june, NOW).passed


def test_the_luna_weeks_on_eight_contracts(book, shared_data):
    jobs.refresh(book, shared_data / "perp_8h_binance_8coins.csv.gz", EIGHT, "2022-06-30", 363, NOW)
    assert book.value("BarHours").value == 8.0
    book.write_value("Window", 363.0)
    for job in (jobs.rebalance, jobs.hedge, jobs.stress):
        assert job(book, NOW).passed
    assert book.table("Prices").rows[0][0].isoformat() == "2022-03-02T00:00:00"
    weights = book.table("Weights")
    assert sorted(weights.column("Symbol")) == sorted(EIGHT)
    assert numbers(weights, "Final").sum() == pytest.approx(1, abs=1e-9)
    raw = pd.read_csv(shared_data / "perp_8h_binance_8coins.csv.gz", parse_dates=["timestamp"])
    closes = raw.pivot(index="timestamp", columns="symbol", values="close")[EIGHT].loc["2022-03-01 16:00":"2022-06-30"]
    prices = book.table("Prices")
    np.testing.assert_array_equal([row[1:] for row in prices.rows], closes.to_numpy())
    paid = pd.read_csv(shared_data / "funding_binance_8coins.csv", parse_dates=["timestamp"])
    luna = paid[
        (paid.symbol == "BTCUSDT") & (paid.timestamp > "2022-03-02") & (paid.timestamp <= "2022-07-01 00:00:01")
    ]
    settled = [value for value in book.table("Funding").column("BTCUSDT")[1:] if value is not None]
    np.testing.assert_allclose(settled, luna.funding_rate, rtol=1e-12)


def test_the_missing_hours_of_sol_are_said_and_never_filled(book, shared_data):
    report = jobs.refresh(book, shared_data / "perp_1h", SYMBOLS, "2022-04-10", 1200, NOW)
    assert any("SOLUSDT" in note and "120" in note for note in report.warnings), report.warnings
    sol = book.table("Prices").column("SOLUSDT")
    assert sol.count(None) == 120
    assert 0.0 not in sol
    book.write_value("Window", 1200.0)
    said = jobs.rebalance(book, NOW).warnings
    raw = pd.read_parquet(shared_data / "perp_1h" / "SOLUSDT_binance_1h.parquet")["close"]
    raw = raw[raw.index < pd.Timestamp("2022-04-11", tz="UTC")].iloc[-1201:]
    there = raw.pct_change(fill_method=None).iloc[1:].notna().sum()
    assert book.table("Estimates").column("Observations")[2] == there
    assert any(f"SOLUSDT {1200 - there}" in warning for warning in said), said
