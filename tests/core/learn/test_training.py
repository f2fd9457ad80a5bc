"""Trainings in a walk: each knows its past alone, bit for bit, and is never asked about what it has learned from."""

import sys

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError, NotInstalledError
from core.learn.forecast import learned_beta
from core.learn.training import AsOf, training_of

DAYS = 700


def market(seed=0, rows=DAYS, gaps=True):
    rng = np.random.default_rng(seed)
    index = rng.standard_t(5, rows) * 0.025
    returns = np.outer(index, [0.8, 1.0, 1.4]) + rng.normal(0, 0.02, (rows, 3))
    funding = np.repeat(rng.normal(2e-4, 3e-4, (rows // 10 + 1, 3)), 10, axis=0)[:rows]
    returns[1:] -= 0.01 * np.sign(funding[:-1])
    if gaps:
        returns[:40, 2], returns[200:210, 0] = np.nan, np.nan
    return returns, index, funding


def trained(returns, index, funding, **chosen):
    return training_of(returns, index, funding, 365, **chosen)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize("learner", ["ridge", "boosting"])
def test_nothing_after_a_row_changes_what_was_known_at_it_to_the_last_bit(learner):
    rows, rng = (150, 300, 640), np.random.default_rng(1)
    before = trained(*market(), learner=learner)
    known = {row: (before.premia(row), before.betas(row)) for row in rows if row >= before.on_betas.horizon * 120}
    known |= {row: (before.premia(row), None) for row in rows if row not in known}
    for row in rows:
        later = market()
        for block in later:
            block[row + 1 :] *= rng.uniform(-50, 3, block[row + 1 :].shape)
        shorter = tuple(block[: row + 1] for block in market())
        for other in (trained(*later, learner=learner), trained(*shorter, learner=learner)):
            np.testing.assert_array_equal(other.premia(row), known[row][0])
            if known[row][1] is not None:
                np.testing.assert_array_equal(other.betas(row), known[row][1])


def test_a_peek_one_row_ahead_would_be_seen():
    """The test above can only fail if what is asked depends on the last rows at all."""
    returns, index, funding = market()
    before = trained(returns, index, funding).premia(480)
    for block in (returns, funding):
        block[480] *= -3
    assert (trained(returns, index, funding).premia(480) != before).all()


def test_models_are_made_anew_at_the_clock_and_kept_between():
    training = trained(*market(gaps=False), retrain_days=50)
    assert training.first == 119
    assert [training.trained_at(row) for row in (119, 168, 169, 400)] == [119, 119, 169, 369]
    with pytest.raises(MissingDataError, match="119 rows of history are known and 120 are needed"):
        training.trained_at(118)


def test_a_model_learns_only_from_outcomes_known_an_embargo_before_its_training():
    """What happens in the last day before a training is not learned from, and what ended before it is."""
    returns, index, funding = market(gaps=False)
    first = trained(returns, index, funding)
    row, probe = 419, 448
    assert first.trained_at(probe) == row
    models = []
    for changed in (row, row - 1):
        other = returns.copy()
        other[changed] += 0.5
        training = trained(other, index, funding)
        examples = training.lessons.examples("premium", np.arange(3))[0].known_at(row)
        models.append(examples.errors)
    mine = first.lessons.examples("premium", np.arange(3))[0].known_at(row).errors
    np.testing.assert_array_equal(models[0], mine)
    assert (models[1] != mine).any()


def test_a_model_that_is_asked_about_what_it_has_learned_from_is_refused():
    training = trained(*market(gaps=False))
    with pytest.raises(ArgumentError, match="trained at row 420 and is asked about row 400, which it has learned from"):
        training.premia_by(419, 399)


@pytest.mark.parametrize("learner", ["ridge", "boosting"])
def test_what_was_planted_is_learned(learner):
    """Who is charged loses 1 % a day, who is paid earns it: 3.65 a year, of which a careful model says a part."""
    returns, index, funding = market(gaps=False)
    training = trained(returns, index, funding, learner=learner)
    said = np.array([training.premia(row) for row in range(500, DAYS)])
    sign = np.sign(funding[500:])
    assert said[sign < 0].mean() - said[sign > 0].mean() > 1.0


def test_betas_are_those_of_the_cell_where_they_beat_the_last_beta():
    """As the sheet function has them, where both have learned from the same rows."""
    rng = np.random.default_rng(5)
    wild = np.repeat(rng.integers(0, 2, 60), 90)[: 24 * 200]
    index = rng.normal(0, 0.005, wild.size) * (1 + 2 * wild)
    asset = (0.6 + wild) * index + rng.normal(0, 0.004, wild.size)
    training = training_of(asset[:, np.newaxis], index, np.zeros((wild.size, 1)), 8760)
    row = training.trained_at(wild.size - 1)
    cell = learned_beta(asset[: row + 1], index[: row + 1], 24, funding=np.zeros((row + 1, 1)))
    assert cell.out_of_sample_r2[0] > 0.3
    assert abs(training.betas(row)[0] - cell.forecast[0]) < 0.1 < abs(cell.forecast[0] - cell.simple[0])


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_of_some_contracts_the_same_is_known():
    training = trained(*market())
    all_of_them = AsOf(lambda: training, 650, np.arange(3))
    chosen = all_of_them.select(np.array([True, False, True]))
    np.testing.assert_array_equal(chosen.premia, all_of_them.premia[[0, 2]])
    np.testing.assert_array_equal(chosen.betas, all_of_them.betas[[0, 2]])


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_a_contract_too_young_to_say_anything_of_keeps_its_capm_premium():
    returns, index, funding = market(gaps=False)
    returns[:690, 1] = np.nan
    found = trained(returns, index, funding).premia(DAYS - 1)
    assert found[1] == 0
    assert (found[[0, 2]] != 0).all()


def test_wrong_settings_are_refused_and_without_scikit_learn_the_way_is_said(monkeypatch):
    with pytest.raises(ArgumentError, match="retrain_days is 0; it must be above 0"):
        trained(*market(), retrain_days=0)
    with pytest.raises(ArgumentError, match="learner 'forest'"):
        trained(*market(), learner="forest")
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(NotInstalledError, match=r'pip install "perpdesk\[learn\]"'):
        trained(*market(gaps=False), learner="boosting").premia(500)
