"""The running form of the exponentially weighted beta: one bar at a time is the whole history at once."""

import numpy as np
import pytest

from core.errors import ArgumentError
from core.estimate.beta.ewma import EwmaBeta, ewma_beta

NAN = np.nan


def sample(rows=200, columns=4, seed=7):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0005, 0.01, rows)
    return np.outer(market, np.linspace(0.5, 1.5, columns)) + rng.normal(0, 0.01, (rows, columns)), market


@pytest.mark.parametrize("halflife", [0.5, 10, 500])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_each_bar_gives_the_beta_of_the_whole_history(halflife, gaps):
    assets, market = sample()
    if gaps:
        assets[50:70, 1] = assets[199, 2] = market[130] = NAN
    state = EwmaBeta.start(assets[:2], market[:2], halflife)
    for t in range(2, 200):
        state = state.update(assets[t], market[t])
        if t % 9 == 0 or t == 199:
            expected = ewma_beta(assets[: t + 1], market[: t + 1], halflife)
            np.testing.assert_allclose(state.beta, expected, rtol=1e-12, atol=1e-12)


def test_two_updates_of_one_state_do_not_disturb_each_other():
    assets, market = sample(30)
    state = EwmaBeta.start(assets[:20], market[:20], 10)
    before = state.beta
    first = state.update(assets[20], market[20]).beta
    state.update(assets[25], market[25])
    np.testing.assert_array_equal(state.beta, before)
    np.testing.assert_array_equal(state.update(assets[20], market[20]).beta, first)


def test_there_is_no_beta_before_two_pairs_or_of_a_constant_market():
    assets, market = sample(10)
    assets[:9, 1] = NAN
    assert np.isnan(EwmaBeta.start(assets[:1], market[:1]).beta).all()
    assert np.isnan(EwmaBeta.start(assets, market).beta).tolist() == [False, True, False, False]
    assert np.isnan(EwmaBeta.start(assets, np.full(10, 0.1)).beta).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"halflife": -1}, "halflife is -1; it must be above 0"),
        ({"market": np.zeros(3)}, "asset_returns has 10 rows and market_returns has 3"),
        ({"assets": np.full(10, np.inf)}, "asset_returns is infinite in row 1"),
    ],
)
def test_a_bad_start_is_refused_by_name(change, words):
    assets, market = sample(10)
    arguments = {"assets": assets, "market": market, "halflife": 10, **change}
    with pytest.raises(ArgumentError, match=words):
        EwmaBeta.start(*arguments.values())


@pytest.mark.parametrize(
    ("row", "market", "words"),
    [
        ([0.1, 0.1], 0.1, "asset_returns has 2 values where 4 are needed"),
        ([0.1, np.inf, 0.1, 0.1], 0.1, "asset_returns is infinite in the new bar"),
        ([0.1] * 4, -np.inf, "market_return is infinite in the new bar"),
    ],
)
def test_a_bad_bar_is_refused_by_name(row, market, words):
    with pytest.raises(ArgumentError, match=words):
        EwmaBeta.start(*sample(10)).update(row, market)
