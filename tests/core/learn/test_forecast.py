"""Learned beta and premium: found where planted, not found where there is none, and the same in every guise."""

import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.choices import LEARNERS
from core.errors import ArgumentError, DataWarning, MissingDataError, NotInstalledError, UndefinedError
from core.estimate.beta.methods import ols_beta
from core.learn.correction import learn_correction
from core.learn.forecast import learned_beta, learned_premium, read_lessons

pytestmark = pytest.mark.filterwarnings("ignore:the learned forecast is no better:core.errors.DataWarning")

NAN = float("nan")
NO_BETTER = "no better than the last beta"
HORIZON = 6

NOTHING = 1 / 31
"""R2 of the truth where beta is constant: of the rule's squared error, 1 part in 31 is the noise of its 30 horizons."""


def constant_beta(rows=1500, columns=2, seed=5):
    """A market and contracts whose beta never changes: there is nothing to learn."""
    rng = np.random.default_rng(seed)
    market = rng.standard_t(5, rows) * 0.01
    return np.outer(market, np.linspace(0.7, 1.3, columns)) + rng.normal(0, 0.006, (rows, columns)), market


def beta_of_the_regime(rows=4000, seed=5):
    """A contract whose beta is 1.6 while the market is wild and 0.6 while it is calm, 90 rows at a time."""
    rng = np.random.default_rng(seed)
    wild = np.repeat(rng.integers(0, 2, rows // 90 + 1), 90)[:rows]
    market = rng.normal(0, 0.005, rows) * (1 + 2 * wild)
    return (0.6 + wild) * market + rng.normal(0, 0.004, rows), market


def beta_that_lasts(rows=4000, seed=5):
    """A contract whose beta is 0.4 or 1.6 for 90 rows at a time, in a market that never changes."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, rows)
    beta = np.repeat(rng.choice([0.4, 1.6], rows // 90 + 1), 90)[:rows]
    return beta * market + rng.normal(0, 0.004, rows), market


def same(one, other):
    """Whether two forecasts are the same to rounding."""
    np.testing.assert_allclose(one.forecast, other.forecast, rtol=1e-6)
    np.testing.assert_allclose(one.out_of_sample_r2, other.out_of_sample_r2, rtol=1e-6, atol=1e-9)


def test_a_beta_that_can_be_foreseen_is_foreseen():
    asset, market = beta_of_the_regime()
    learned = learned_beta(asset, market, HORIZON)
    assert learned.out_of_sample_r2[0] > 0.3
    assert learned.verdict == ("better than the last beta in 5 of 5 folds",)
    np.testing.assert_array_equal(learned.better, learned.forecast)


@pytest.mark.parametrize("seed", range(4))
def test_where_there_is_nothing_to_learn_nothing_is_found(seed):
    learned = learned_beta(*constant_beta(4000, 1, seed), HORIZON)
    assert -0.1 < learned.out_of_sample_r2[0] < NOTHING


@pytest.mark.parametrize("seed", range(3))
def test_what_lasts_is_found_and_the_same_rows_in_random_order_teach_nothing(seed):
    asset, market = beta_that_lasts()
    order = np.random.default_rng(seed).permutation(len(market))
    assert learned_beta(asset, market, HORIZON).out_of_sample_r2[0] > 0.3
    assert learned_beta(asset[order], market[order], HORIZON).out_of_sample_r2[0] < NOTHING


def test_a_forecast_that_is_worth_nothing_says_so_and_leaves_the_choice():
    assets, market = constant_beta()
    with pytest.warns(DataWarning, match=r"no better than the last beta out of sample; use that for column 1 \(R2 -0"):
        learned = learned_beta(assets, market, HORIZON)
    worthless = learned.out_of_sample_r2 <= 0
    assert worthless[0]
    assert [text == NO_BETTER for text in learned.verdict] == worthless.tolist()
    assert learned.forecast[0] != learned.simple[0]
    np.testing.assert_array_equal(learned.better, np.where(worthless, learned.simple, learned.forecast))


def test_the_rule_to_beat_is_the_beta_of_the_last_thirty_horizons():
    assets, market = constant_beta()
    window = slice(-30 * HORIZON, None)
    learned = learned_beta(assets, market, HORIZON)
    np.testing.assert_allclose(learned.simple, ols_beta(assets[window], market[window]), rtol=1e-10)


def test_the_rule_for_the_premium_is_that_of_the_capm():
    assets, market = constant_beta()
    window = slice(-30 * HORIZON, None)
    learned = learned_premium(assets, market, HORIZON)
    expected = ols_beta(assets[window], market[window]) * market.mean()
    np.testing.assert_allclose(learned.simple, expected, rtol=1e-10)
    funding = np.random.default_rng(2).normal(1e-4, 1e-4, assets.shape)
    charged = learned_premium(assets, market, HORIZON, funding=funding)
    np.testing.assert_allclose(charged.simple, expected - funding[window].mean(axis=0), rtol=1e-10)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_premium_that_can_be_foreseen_is_foreseen(learner):
    assets, market = constant_beta(4000, 2)
    funding = np.repeat(np.random.default_rng(2).normal(0, 1e-4, (134, 2)), 30, axis=0)[:4000]
    assets[1:] -= 60 * funding[:-1]  # whoever is charged loses
    learned = learned_premium(assets, market, HORIZON, funding=funding, learner=learner)
    blind = learned_premium(assets, market, HORIZON, learner=learner)
    assert (learned.out_of_sample_r2 > 0.05).all()
    assert (learned.out_of_sample_r2 > blind.out_of_sample_r2 + 0.02).all()


def test_errors_of_a_premium_are_in_units_of_volatility():
    """A contract of the same path, three times as wild, teaches the same: its errors are the same numbers."""
    asset, market = beta_of_the_regime(1500)
    lessons, _ = read_lessons(np.column_stack([asset, 3 * asset]), market, HORIZON)
    errors = lessons.examples("premium", np.array([0, 1]))[0].errors.reshape(-1, 2)
    np.testing.assert_allclose(errors[:, 1], errors[:, 0], rtol=1e-6, atol=1e-6)
    assert 0.5 < errors[:, 0].std() < 2, "a horizon's return moves about one volatility of a horizon"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("learner", LEARNERS)
def test_premia_of_shuffled_days_are_not_foreseen(learner, seed):
    """Days in random order, each as it was: what was known of one says nothing of the next."""
    assets, market = constant_beta(4000, 3, seed)
    order = np.random.default_rng(seed).permutation(4000)
    learned = learned_premium(assets[order], market[order], HORIZON, learner=learner)
    assert (learned.out_of_sample_r2 < 0.01).all()


def test_the_variance_risk_premium_may_be_one_column_for_all():
    assets, market = constant_beta()
    vrp = np.random.default_rng(3).normal(0, 0.1, len(market))
    one, each = (learned_beta(assets, market, HORIZON, vrp=v) for v in (vrp, np.column_stack([vrp, vrp])))
    np.testing.assert_array_equal(one.forecast, each.forecast)
    assert (one.forecast != learned_beta(assets, market, HORIZON).forecast).all()


def test_missing_funding_means_that_none_was_settled():
    assets, market = constant_beta()
    funding = np.where(np.arange(1500) % 8 == 0, 1e-4, NAN)[:, np.newaxis] * [1.0, 2.0]
    blank, zero = (learned_beta(assets, market, HORIZON, funding=f) for f in (funding, np.nan_to_num(funding)))
    np.testing.assert_array_equal(blank.forecast, zero.forecast)


@pytest.mark.parametrize("learner", [learned_beta, learned_premium])
@pytest.mark.parametrize("cut", [720, 1001, 1400])
def test_nothing_after_a_cut_changes_a_state_a_rule_or_an_outcome_before_it(learner, cut, monkeypatch):
    lessons = []
    monkeypatch.setattr(
        "core.learn.forecast.learn_correction",
        lambda examples, *others: lessons.append(examples) or learn_correction(examples, *others),
    )
    asset, market = beta_of_the_regime(1500)
    funding = np.random.default_rng(4).normal(0, 1e-4, 1500)
    learner(asset, market, HORIZON, funding=funding, vrp=funding)
    later = np.random.default_rng(cut).normal(size=(3, 1500 - cut))
    asset[cut:], market[cut:], funding[cut:] = later
    learner(asset, market, HORIZON, funding=funding, vrp=funding)

    first, other = lessons
    known = first.rows < cut
    np.testing.assert_array_equal(first.states[known], other.states[known])
    scored = first.rows + HORIZON < cut
    np.testing.assert_array_equal(first.errors[scored], other.errors[scored])
    assert (first.errors[~scored] != other.errors[~scored]).all()


@pytest.mark.parametrize("learner", [learned_beta, learned_premium])
def test_one_seed_gives_one_figure_and_another_seed_another(learner):
    asset, market = beta_of_the_regime(2000)
    trees = {} if learner is learned_beta else {"learner": "boosting"}
    first, again, other = (learner(asset, market, HORIZON, seed, **trees) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.forecast, again.forecast)
    np.testing.assert_array_equal(first.out_of_sample_r2, again.out_of_sample_r2)
    assert first.forecast[0] != other.forecast[0]


@settings(max_examples=3)
@given(st.permutations(range(3)))
def test_the_order_of_contracts_does_not_matter_and_one_is_a_column_of_many(order):
    assets, market = constant_beta(800, 3)
    together = learned_beta(assets, market, HORIZON)
    shuffled = learned_beta(assets[:, order], market, HORIZON)
    np.testing.assert_allclose(shuffled.forecast, together.forecast[list(order)], rtol=1e-9)
    alone = learned_beta(assets[:, order[0]], market, HORIZON)
    np.testing.assert_allclose(alone.forecast[0], together.forecast[order[0]], rtol=1e-9)
    assert alone.verdict[0] == together.verdict[order[0]]


@settings(max_examples=5)
@given(st.floats(1e-4, 1e4))
def test_the_scale_of_returns_does_not_matter_to_beta(scale):
    asset, market = beta_of_the_regime(800)
    same(learned_beta(asset * scale, market * scale, HORIZON), learned_beta(asset, market, HORIZON))


def test_twice_the_contract_has_twice_the_beta_and_twice_the_premium():
    asset, market = beta_of_the_regime(800)
    for learner in (learned_beta, learned_premium):
        once, twice = learner(asset, market, HORIZON), learner(2 * asset, market, HORIZON)
        np.testing.assert_allclose(twice.forecast, 2 * once.forecast, rtol=1e-6)
        np.testing.assert_allclose(twice.out_of_sample_r2, once.out_of_sample_r2, rtol=1e-6)


def test_the_market_has_a_beta_of_one_that_cannot_be_beaten():
    _, market = constant_beta()
    learned = learned_beta(market, market, HORIZON)
    assert learned.forecast[0] == pytest.approx(1, abs=1e-9)
    assert learned.out_of_sample_r2[0] == 0
    assert learned.verdict == (NO_BETTER,)


def test_gaps_are_left_out_and_said():
    asset, market = beta_of_the_regime()
    asset[2000:2100] = NAN
    with pytest.warns(DataWarning, match="100 of 4000 rows dropped because a value is missing"):
        learned = learned_beta(asset, market, HORIZON)
    assert learned.out_of_sample_r2[0] > 0.3


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (slice(0, 1000), "column 2 has 500 complete rows where 720 are needed"),
        (slice(1400, 1500), "column 2 has too many gaps, or ends in one"),
        (slice(None, None, 2), "column 2 has too many gaps, or ends in one"),
    ],
)
def test_a_contract_with_too_little_history_is_missing_while_others_answer(gap, words):
    assets, market = constant_beta()
    assets[gap, 1] = NAN
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        learned = learned_beta(assets, market, HORIZON)
    assert any(words in str(warning.message) for warning in caught)
    assert np.isnan(learned.forecast).tolist() == [False, True]
    assert np.isnan([learned.out_of_sample_r2[1], learned.simple[1], learned.better[1]]).all()
    assert learned.verdict[1] == "missing"


def test_a_history_that_is_mostly_gaps_is_refused_by_name():
    assets, market = constant_beta(2400)
    assets[np.arange(2400) % 3 > 0] = NAN
    with pytest.warns(DataWarning), pytest.raises(MissingDataError, match="asset_returns have too many gaps"):
        learned_beta(assets, market, HORIZON)


def test_the_input_is_left_as_it_was():
    assets, market = constant_beta()
    copies = assets.copy(), market.copy()
    learned_premium(assets, market, HORIZON)
    np.testing.assert_array_equal(assets, copies[0])
    np.testing.assert_array_equal(market, copies[1])


def test_without_scikit_learn_the_way_to_get_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(NotInstalledError, match="learned by trees need scikit-learn"):
        learned_beta(*constant_beta(), HORIZON)


@pytest.mark.parametrize("learner", [learned_beta, learned_premium])
@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"asset_returns": [["x", 0.1]]}, ArgumentError, "asset_returns must hold numbers"),
        (
            {"asset_returns": np.zeros((700, 2))},
            ArgumentError,
            "asset_returns has 700 rows and market_returns",
        ),
        ({"asset_returns": np.full((1500, 2), NAN)}, MissingDataError, "asset_returns has too few complete rows, 0"),
        ({"market_returns": np.zeros((1500, 2))}, ArgumentError, "market_returns must be one row or one column"),
        ({"market_returns": np.full(1500, 0.01)}, UndefinedError, "market_returns are constant"),
        ({"horizon": 4}, ArgumentError, "horizon is 4; it must be at least 5"),
        ({"horizon": 6.5}, ArgumentError, "horizon is 6.5; it must be a whole number"),
        ({"horizon": NAN}, ArgumentError, "horizon must be a finite number"),
        ({"horizon": 13}, MissingDataError, "asset_returns has too few complete rows, 1500 where 1560 are needed"),
        ({"seed": -1}, ArgumentError, "seed is -1; it must be at least 0"),
        ({"seed": 2**32}, ArgumentError, "seed is .*; it must be at most"),
        ({"funding": np.zeros((1500, 3))}, ArgumentError, "funding is 1500 x 3 where asset_returns are 1500 x 2"),
        ({"funding": np.full((1500, 2), np.inf)}, ArgumentError, "funding is infinite in row 1"),
        ({"vrp": np.zeros(1499)}, ArgumentError, "vrp is 1499 x 1 where asset_returns are 1500 x 2"),
        ({"vrp": "high"}, ArgumentError, "vrp must hold numbers"),
    ],
)
def test_bad_input_is_refused_by_name(learner, changed, error, words):
    assets, market = constant_beta()
    good = {"asset_returns": assets, "market_returns": market, "horizon": HORIZON}
    with pytest.raises(error, match=words):
        learner(**{**good, **changed})
