"""The probability of overfitting: a brute force over pandas, what noise, skill and overfitting show, ties, cash."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from core.errors import ArgumentError, MissingDataError, UndefinedError
from core.verify.performance.overfitting import BlockSums, block_sums, overfitting, overfitting_of

RNG = np.random.default_rng(12)


def by_brute_force(returns, blocks):
    """Logits by joining the blocks of each split, as the paper tells it."""
    length = len(returns) // blocks
    pieces = np.array_split(returns[len(returns) - length * blocks :], blocks)
    logits, losses, chosen = [], [], np.zeros(returns.shape[1])
    for inside in combinations(range(blocks), blocks // 2):
        train = pd.DataFrame(np.vstack([pieces[i] for i in inside]))
        test = pd.DataFrame(np.vstack([pieces[i] for i in range(blocks) if i not in inside]))
        best = int((train.mean() / train.std()).idxmax())
        ratios = test.mean() / test.std()
        place = ratios.rank()[best] / (returns.shape[1] + 1)
        logits.append(np.log(place / (1 - place)))
        losses.append(ratios[best] < 0)
        chosen[best] += 1
    return np.array(logits), np.mean(losses), chosen / len(logits)


@pytest.mark.parametrize(("rows", "runs", "blocks"), [(120, 5, 6), (127, 8, 8), (64, 2, 4)])
def test_every_split_as_by_brute_force(rows, runs, blocks):
    returns = RNG.normal(0.001, 0.02, (rows, runs))
    found = overfitting(returns, blocks)
    logits, loss, chosen = by_brute_force(returns, blocks)
    np.testing.assert_allclose(found.logits, logits, atol=1e-9)
    assert found.probability == pytest.approx(np.mean(logits <= 1e-12))
    assert found.loss == pytest.approx(loss)
    np.testing.assert_allclose(found.chosen, chosen)


def test_a_run_with_skill_is_no_overfitting():
    returns = RNG.normal(0, 0.01, (800, 10))
    returns[:, 3] += 0.004
    found = overfitting(returns)
    assert found.logits.size == 12870
    assert found.probability < 0.01
    assert found.chosen.argmax() == 3


def test_noise_is_as_often_below_the_median_as_above():
    found = [overfitting(RNG.normal(0, 0.01, (320, 9)), 8).probability for _ in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=3 * np.std(found) / np.sqrt(60))


def test_runs_that_live_on_one_stretch_each_are_overfitting():
    """Each is good in one half of the blocks and as bad in the other: the best inside is the worst outside."""
    signs = np.array([[1 if block in half else -1 for block in range(4)] for half in combinations(range(4), 2)])
    returns = np.repeat(signs, 50, axis=1).T * 0.01 + RNG.normal(0, 0.001, (200, 6))
    assert overfitting(returns, 4).probability == 1.0


def test_equal_runs_share_their_rank_and_order_does_not_matter():
    one = RNG.normal(0.001, 0.02, (160, 1))
    found = overfitting(np.hstack([one, one, one]), 8)
    np.testing.assert_allclose(found.logits, 0.0, atol=1e-12)  # rank 2 of 3, each time
    assert found.probability == 1.0
    runs = RNG.normal(0.001, 0.02, (160, 5))
    order = [3, 0, 4, 2, 1]
    kept, mixed = overfitting(runs, 8), overfitting(runs[:, order], 8)
    np.testing.assert_allclose(mixed.logits, kept.logits, atol=1e-12)
    np.testing.assert_allclose(mixed.chosen, kept.chosen[order])


def test_the_unit_of_returns_does_not_matter():
    runs = RNG.normal(0.001, 0.02, (160, 5))
    np.testing.assert_allclose(overfitting(runs * 50, 8).logits, overfitting(runs, 8).logits, atol=1e-9)


def test_a_run_in_cash_has_a_ratio_of_nothing():
    runs = RNG.normal(-0.004, 0.01, (160, 3))
    runs[:, 1] = 0.0
    found = overfitting(runs, 8)
    assert found.chosen[1] > 0.9
    assert found.loss < 0.1


@pytest.mark.parametrize(
    ("returns", "blocks", "error", "reason"),
    [
        (RNG.normal(size=(100, 1)), 4, ArgumentError, "fewer than two runs"),
        (RNG.normal(size=(100, 3)), 5, ArgumentError, "blocks is 5; it must be even"),
        (RNG.normal(size=(100, 3)), 22, ArgumentError, "blocks is 22; it must be at most 20"),
        (RNG.normal(size=(31, 3)), 16, MissingDataError, "returns has too few complete rows, 31 where 32"),
        (np.full((100, 2), 0.01), 4, UndefinedError, "run 1 does not vary"),
        (np.array([[0.1, np.nan]] * 40), 4, MissingDataError, "returns has no value at row 1, column 2"),
    ],
)
def test_bad_input(returns, blocks, error, reason):
    with pytest.raises(error, match=reason):
        overfitting(returns, blocks)


def test_the_sums_of_blocks_are_enough():
    returns = RNG.normal(0.001, 0.02, (130, 7))
    parts = [block_sums(returns[:, [run]], 8) for run in range(7)]
    joined = BlockSums(
        parts[0].length,
        *(np.column_stack([getattr(part, name) for part in parts]) for name in ("sums", "squares")),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("centre", "largest")),
    )
    whole, found = overfitting(returns, 8), overfitting_of(joined)
    np.testing.assert_array_equal(found.logits, whole.logits)
    np.testing.assert_array_equal(found.chosen, whole.chosen)
    some = np.array([True, False, True, True, False, True, True])
    np.testing.assert_array_equal(overfitting_of(joined.select(some)).logits, overfitting(returns[:, some], 8).logits)


def test_who_earns_the_same_in_half_of_the_blocks_is_told_beforehand():
    returns = RNG.normal(0.001, 0.02, (80, 4))
    returns[:40, 1] = 0.001  # half of the blocks
    returns[:30, 2] = 0.001  # less than half
    returns[:, 3] = 0.0  # cash
    sums = block_sums(returns, 8)
    assert sums.steady.tolist() == [False, True, False, False]
    with pytest.raises(UndefinedError, match="run 2 does not vary"):
        overfitting_of(sums)
    assert 0 <= overfitting_of(sums.select(~sums.steady)).probability <= 1
