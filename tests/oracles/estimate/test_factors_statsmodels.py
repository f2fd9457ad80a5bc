"""Factor betas against statsmodels' OLS and WLS, on made-up and on real factors with calendars of their own."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from core.errors import DataWarning
from core.estimate.beta.calendars import Factor, align_factors
from core.estimate.beta.ewma import exponential_weights
from core.estimate.beta.factors import factor_betas
from core.market.panel import Panel

RTOL = 1e-9


def sample(rows=240, factors=3, scale=0.01):
    rng = np.random.default_rng(37)
    x = rng.normal(scale / 20, scale, (rows, factors)) @ (np.eye(factors) + 0.5)
    return x @ rng.normal(size=(factors, 4)) + rng.standard_t(4, (rows, 4)) * scale, x


@pytest.mark.parametrize(("factors", "scale"), [(1, 0.01), (3, 2e-5), (5, 1.0)])
def test_equal_weights_are_ols(factors, scale):
    assets, x = sample(factors=factors, scale=scale)
    fit = factor_betas(assets, x)
    for column in range(4):
        # In units of their size: beside a constant of 1, small factors cost statsmodels digits.
        peer = sm.OLS(assets[:, column], sm.add_constant(x / scale)).fit()
        np.testing.assert_allclose(fit.beta[:, column], peer.params[1:] / scale, rtol=RTOL)
        np.testing.assert_allclose(fit.t[:, column], peer.tvalues[1:], rtol=RTOL)
        np.testing.assert_allclose(fit.t_alpha[column], peer.tvalues[0], rtol=RTOL)
        np.testing.assert_allclose(fit.alpha[column], peer.params[0], rtol=RTOL)
        np.testing.assert_allclose(fit.r_squared[column], peer.rsquared, rtol=RTOL)
        np.testing.assert_allclose(fit.residual_volatility[column], np.sqrt(peer.mse_resid), rtol=RTOL)


@pytest.mark.parametrize("halflife", [8, 60, 1e9])
def test_exponential_weights_are_wls(halflife):
    assets, x = sample()
    fit = factor_betas(assets, x, halflife)
    for column in range(4):
        peer = sm.WLS(assets[:, column], sm.add_constant(x), exponential_weights(240, halflife)).fit()
        np.testing.assert_allclose(fit.beta[:, column], peer.params[1:], rtol=RTOL)
        np.testing.assert_allclose(fit.alpha[column], peer.params[0], rtol=RTOL)
        np.testing.assert_allclose(fit.r_squared[column], peer.rsquared, rtol=RTOL)


@pytest.fixture(scope="module")
def bitcoin(shared_data):
    frame = pd.read_parquet(shared_data / "perp_1h" / "BTCUSDT_binance_1h.parquet")
    closes = (frame.index + pd.Timedelta(hours=1)).tz_localize(None).to_numpy()
    return Panel(closes, ("BTC",), frame[["close"]].to_numpy(), frame[["funding_settle"]].to_numpy(), 1)


@pytest.fixture(scope="module")
def macro(shared_data):
    def read(name, file, column, dates="date", unit="D"):
        frame = pd.read_csv(shared_data / "macro" / file)
        return Factor(name, frame[dates].to_numpy(dtype=f"datetime64[{unit}]"), frame[column].to_numpy())

    return {
        "equities": read("equities", "spy_daily.csv", "close"),
        "oil": read("oil", "wti_daily.csv", "price_usd_bbl"),
        "gold": read("gold", "gold_price_to_2024-06-30.csv", "close"),
        "euro": read("euro", "eurusd_monthly.csv", "Exchange rate", "Date", "M"),
    }


def by_pandas(bitcoin, factors):
    """Values by merge_asof on the time each date has ended; rows where all are new; BTC's returns from its prices."""
    clock = pd.DataFrame({"time": bitcoin.times.astype("datetime64[ns]")})
    day = (clock["time"] - pd.Timedelta(seconds=1)).dt.normalize()
    table, common = clock, None
    for factor in factors:
        known = pd.DataFrame({"time": factor.times.astype("datetime64[ns]"), factor.name: factor.values})
        table = pd.merge_asof(table, known, on="time")
        days = set((known["time"] - pd.Timedelta(seconds=1)).dt.normalize())
        common = days if common is None else common & days
    rows = table[day.isin(common)].groupby(day).last()  # every date is known at midnight, the last bar of its day
    rows = rows[rows["time"] == day[day.isin(common)].unique() + pd.Timedelta(days=1)].set_index("time")
    values = rows[[factor.name for factor in factors]]
    growth = pd.Series(np.append(1.0, (1 + bitcoin.returns()[:, 0])).cumprod(), index=clock["time"])
    return growth.loc[rows.index].pct_change().iloc[1:], values.where(values > 0).pct_change(fill_method=None).iloc[1:]


@pytest.mark.parametrize(
    ("names", "rows"),
    [(["equities"], 1130), (["equities", "oil"], 1126), (["equities", "oil", "gold"], 409), (["equities", "euro"], 38)],
)
@pytest.mark.filterwarnings("ignore:oil is not above zero")
def test_bitcoin_on_real_factors(bitcoin, macro, names, rows):
    factors = [macro[name] for name in names]
    aligned = align_factors(bitcoin.times, factors)
    asset, moves = aligned.compound(bitcoin.returns()), aligned.returns()
    assert len(aligned.rows) == rows
    expected_asset, expected_moves = by_pandas(bitcoin, factors)
    np.testing.assert_allclose(asset[:, 0], expected_asset, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(moves, expected_moves, rtol=1e-9, atol=1e-14)
    complete = np.isfinite(moves).all(axis=1)
    peer = sm.OLS(asset[complete, 0], sm.add_constant(moves[complete])).fit()
    fit = factor_betas(asset[complete], moves[complete])
    np.testing.assert_allclose(fit.beta[:, 0], peer.params[1:], rtol=RTOL)
    np.testing.assert_allclose(fit.t[:, 0], peer.tvalues[1:], rtol=RTOL)


def test_the_day_oil_cost_less_than_nothing_is_left_out_and_said(bitcoin, macro):
    aligned = align_factors(bitcoin.times, [macro["oil"]])
    with pytest.warns(DataWarning, match="oil is not above zero in 1 rows"):
        moves = aligned.returns()
    assert np.isnan(moves).sum() == 2
    assert np.nanmin(moves) > -0.6
    with pytest.warns(DataWarning, match="2 of"):
        fit = factor_betas(aligned.compound(bitcoin.returns()), moves)
    assert abs(fit.beta[0, 0]) < 1


def test_bitcoin_moves_with_equities(bitcoin, macro):
    aligned = align_factors(bitcoin.times, [macro["equities"]])
    fit = factor_betas(aligned.compound(bitcoin.returns()), aligned.returns())
    assert 0.8 < fit.beta[0, 0] < 1.5
    assert fit.t[0, 0] > 10
