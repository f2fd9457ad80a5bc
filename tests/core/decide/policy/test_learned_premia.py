"""The policy `learned`: kept where there is something to learn, the base with its reason where there is not."""

import sys

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.learned_premia import LearnedPremia
from core.decide.policy.models import MeanVariance
from core.decide.policy.named import Choices, policy_named
from core.decide.policy.outlook import Methods, Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding
from core.errors import DataWarning, NotInstalledError
from core.learn.training import AsOf, training_of

DAYS, WINDOW, CONTRACTS = 430, 60, 3
LIMITS = Limits(max_weight=0.6, turnover_cost=7e-4)
BASE = MeanVariance("utility")  # has an answer on every day


def history(planted, seed=0, days=DAYS):
    rng = np.random.default_rng(seed)
    index = rng.standard_t(5, days) * 0.02 + 0.001
    returns = np.outer(index, [0.8, 1.0, 1.4]) + rng.normal(0, 0.02, (days, CONTRACTS))
    funding = np.repeat(rng.normal(2e-4, 3e-4, (days // 10 + 1, CONTRACTS)), 10, axis=0)[:days]
    returns[1:] -= planted * np.sign(funding[:-1] - funding[:-1].mean(axis=1, keepdims=True))
    return returns, index, funding


def outlook_at(row, returns, index, funding, training=None, **past):
    rows = slice(row - WINDOW + 1, row + 1)
    training = training or training_of(returns, index, funding, 365)
    known = Past(returns[rows], index[rows], funding=funding[rows].mean(axis=0) * 365, periods_per_year=365, **past)
    return Outlook(known, learned=AsOf(lambda: training, row, np.arange(CONTRACTS)))


def holding(**known):
    return Holding(np.zeros(CONTRACTS), limits=LIMITS, **known)


def test_where_one_per_cent_a_day_is_planted_it_is_followed_within_its_cap():
    outlook = outlook_at(DAYS - 1, *history(0.01))
    policy = LearnedPremia(BASE, cap=0.15)
    target = policy(outlook, holding())
    assert (target.model, target.reasons) == ("learned, utility", ())
    assert policy.judgement(outlook, holding()).t > 4
    shift, gross = target.weights - target.baseline, np.abs(target.baseline).sum()
    assert 0 < np.maximum(shift, 0).sum() <= 0.15 * gross * (1 + 1e-9)
    assert target.baseline.tolist() == BASE(outlook, holding()).weights.tolist()


def test_what_it_would_hold_is_told_whatever_its_verdict():
    outlook, policy = outlook_at(DAYS - 1, *history(0.0)), LearnedPremia(BASE, cap=0.1)
    assert not policy.judgement(outlook, holding()).kept
    target = policy.wanted(outlook, holding())
    assert target.baseline.tolist() == BASE(outlook, holding()).weights.tolist()
    shift = target.weights - target.baseline
    assert 0 < np.maximum(shift, 0).sum() <= 0.1 * np.abs(target.baseline).sum() * (1 + 1e-9)


def test_bars_longer_than_a_day_are_not_learned_from():
    returns, index, funding = history(0.01)
    rows = slice(DAYS - WINDOW, DAYS)
    weekly = training_of(returns, index, funding, 52)
    past = Past(returns[rows], index[rows], funding=0.0, periods_per_year=52)
    outlook = Outlook(past, learned=AsOf(lambda: weekly, DAYS - 1, np.arange(CONTRACTS)))
    target = LearnedPremia(BASE)(outlook, holding())
    assert target.model == BASE.name
    assert "bars are longer than a day" in target.reasons[0][1]


@pytest.mark.parametrize("seed", range(2))
def test_where_there_is_nothing_the_base_answers_and_says_why(seed):
    outlook = outlook_at(DAYS - 1, *history(0.0, seed))
    target = LearnedPremia(BASE)(outlook, holding())
    assert target.weights.tolist() == BASE(outlook, holding()).weights.tolist()
    assert target.model == BASE.name
    assert "its guard keeps the base: on 299 days that it had not learned from" in target.reasons[0][1]


def test_what_is_on_paper_is_the_optimum_on_learned_premia_of_each_day():
    """The excess of a day by hand: both books, what they earned, and what it cost to come to them."""
    returns, index, funding = history(0.01)
    training = training_of(returns, index, funding, 365)
    policy = LearnedPremia(BASE)
    outlook = outlook_at(DAYS - 1, returns, index, funding, training)
    days = policy._days(outlook.learned, outlook, holding())
    logs = days._accounts.over_base(DAYS - 1)

    free = Holding(np.zeros(CONTRACTS), limits=Limits(max_weight=0.6))
    books = {}
    for row in (300, 301, 302):
        then = outlook_at(row, returns, index, funding, training)
        base = BASE(then, free).weights
        wanted = BASE(then.expecting(training.premia(row)), free).weights
        shift = wanted - base
        most = 0.2 * np.abs(base).sum()
        books[row] = base, base + shift * min(1, most / max(np.maximum(shift, 0).sum(), np.maximum(-shift, 0).sum()))
    excess = []
    for row in (301, 302):
        grown = []
        for base_or_learned in (0, 1):
            before, after = books[row - 1][base_or_learned], books[row][base_or_learned]
            drifted = before * (1 + returns[row]) / (1 + before @ returns[row])
            cost = np.log(1 - 7e-4 * np.abs(after - drifted).sum())
            grown.append(cost + np.log(1 + after @ returns[row + 1]))
        excess.append(grown[1] - grown[0])
    np.testing.assert_allclose(logs[301 - training.first : 303 - training.first], excess, rtol=1e-6, atol=1e-9)


def test_a_job_that_is_asked_once_comes_to_the_verdict_of_a_walk():
    returns, index, funding = history(0.004)
    training, policy = training_of(returns, index, funding, 365), LearnedPremia(BASE)
    walked = [policy(outlook_at(row, returns, index, funding, training), holding()) for row in range(250, DAYS, 30)]
    once = policy(outlook_at(range(250, DAYS, 30)[-1], returns, index, funding), holding())
    assert once.weights.tolist() == walked[-1].weights.tolist()
    again = policy(outlook_at(250, returns, index, funding, training), holding())
    assert again.weights.tolist() == walked[0].weights.tolist(), "an earlier row asked later has its own answer"


def test_no_day_after_now_changes_the_verdict():
    returns, index, funding = history(0.004)
    row, policy = 300, LearnedPremia(BASE)
    before = policy.judgement(outlook_at(row, returns, index, funding), holding())
    for block in (returns, index, funding):
        block[row + 1 :] *= -7
    assert policy.judgement(outlook_at(row, returns, index, funding), holding()) == before


def test_a_view_of_ones_own_is_not_corrected():
    returns, index, funding = history(0.01)
    views = np.array([np.nan, 0.4, np.nan])
    outlook = outlook_at(DAYS - 1, returns, index, funding, views=views)
    learned = outlook_at(DAYS - 1, returns, index, funding)
    policy = LearnedPremia(BASE, cap=1.0)
    more = np.where(np.isnan(views), learned.learned.premia, 0.0)
    wanted = BASE(outlook.expecting(more), holding()).weights
    np.testing.assert_allclose(policy(outlook, holding()).weights, wanted, atol=1e-7)


def test_with_too_little_history_the_base_answers_and_says_so():
    target = LearnedPremia(BASE)(outlook_at(100, *history(0.0)), holding())
    assert target.model == BASE.name
    assert "nothing is learned yet: 101 rows of history are known and 120 are needed" in target.reasons[0][1]


def test_without_scikit_learn_it_falls_back_only_where_that_is_allowed(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    past = history(0.0)
    outlook = outlook_at(DAYS - 1, *past, training_of(*past, 365, learner="boosting"))
    target = policy_named("learned", Choices(objective="utility"))(outlook, holding())
    assert target.model == BASE.name
    assert 'pip install "perpdesk[learn]"' in target.reasons[0][1]
    with pytest.raises(NotInstalledError, match=r'pip install "perpdesk\[learn\]"'):
        policy_named("learned", Choices(falls_back=False))(outlook, holding())


def test_its_kill_switch_acts_when_asked_once_too():
    """What was planted turns round after a training: what was learned loses, on paper, until it is stopped."""
    returns, index, funding = history(0.01)
    turned, _, _ = history(-0.01)
    returns[362:] = turned[362:]
    training = training_of(returns, index, funding, 365, retrain_days=120)
    target = LearnedPremia(BASE)(outlook_at(DAYS - 1, returns, index, funding, training), holding())
    assert target.model == BASE.name
    assert "kill switch" in target.reasons[0][1]


def test_learned_betas_stand_in_the_outlook_and_ols_where_none_could_be_learned():
    returns, index, funding = history(0.0, days=620)
    outlook = outlook_at(619, returns, index, funding)
    learned = Outlook(outlook.past, Methods(beta="learned"), learned=outlook.learned)
    np.testing.assert_array_equal(learned.betas, outlook.learned.betas)
    without = Outlook(outlook.past, Methods(beta="learned"))
    with pytest.warns(DataWarning, match="betas could not be learned .*; those of ols stand in their place"):
        betas = without.betas
    np.testing.assert_array_equal(betas, outlook.betas)
