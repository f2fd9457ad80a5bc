"""The first pass and the move of numpy and of the compiled loops: one and the same, however scenarios are cut."""

import numpy as np
import pytest

from core.verify import blocks
from core.verify.path import outcomes as kernels
from core.verify.path.account import Account
from core.verify.path.cross_move import move_straight
from core.verify.path.statement import CROSS
from core.verify.path.straight_move_loop import move_straight_by_loop

COMPILED, NUMPY = kernels.COMPILED, kernels.NUMPY


def account(rng, size, leverage, tiers=1, stops=0.0):
    values = rng.normal(0.3, 1, size) * (rng.random(size) > 0.1)
    sizes = np.abs(values)
    rates = np.array([[0.01], [0.03], [0.08]][:tiers]) * np.ones(size)
    edges = np.array([[0.0], [0.5], [1.0]][:tiers]) * np.ones(size)
    amounts = np.vstack([np.zeros(size), np.cumsum(edges[1:] * np.diff(rates, axis=0), axis=0)])
    isolated = np.where((rng.random(size) < 0.3) & (values != 0), sizes / leverage * 0.9, np.nan)
    stop_ratios = np.where((rng.random(size) < stops) & (values != 0), 1 - np.sign(values) * 0.1, np.nan)
    linear, fees = rng.random(size) < 0.7, np.full(size, 0.002)
    return Account(values, linear, rates, amounts, edges, isolated, sizes.sum() / leverage, fees, stop_ratios)


def moves(rng, count, size, overridden=0.1):
    factors = np.column_stack([rng.normal(0, 0.25, count), np.ones(count)])
    loadings = np.stack([rng.normal(1, 0.5, size), rng.normal(0, 0.02, size)])
    given = np.where(rng.random((count, size)) < overridden, rng.normal(0, 0.3, (count, size)), np.nan)
    return kernels.Moves(factors, loadings, given if overridden else None)


@pytest.mark.parametrize("leverage", [1, 3, 8, 200])
@pytest.mark.parametrize(("tiers", "stops"), [(1, 0.0), (1, 0.4), (3, 0.0), (3, 0.4)])
@pytest.mark.parametrize(("size", "overridden"), [(1, 0.0), (7, 0.1), (40, 0.0)])
def test_numpy_and_the_loops_agree(leverage, tiers, stops, size, overridden):
    rng = np.random.default_rng(size)
    book, scenarios = account(rng, size, leverage, tiers, stops), moves(rng, 120, size, overridden)
    funding = rng.normal(0, 0.003, 120)
    ours = kernels.outcomes(book, scenarios, funding, kernel=NUMPY)
    loops = kernels.outcomes(book, scenarios, funding, kernel=COMPILED)
    for name, one, other in zip(ours._fields, ours, loops, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-11, atol=1e-11, err_msg=name)


def strange(rng):
    """Stops on either side of the price, fees above what a closing frees, funding that outweighs the move."""
    book = account(rng, int(rng.integers(1, 30)), rng.choice([1, 3, 8, 40, 200]), int(rng.integers(1, 4)), 0.0)
    size = book.values.size
    stops = np.where(rng.random(size) < 0.5, rng.uniform(0.6, 1.4, size), np.nan)
    alone = np.where(rng.random(size) < rng.choice([0.0, 0.5, 1.0]), np.abs(book.values) / 20, np.nan)
    return book._replace(
        stops=np.where(book.values != 0, stops, np.nan),
        isolated=np.where(book.values != 0, alone, np.nan),
        fees=rng.choice([0.0, 0.01, 0.2], size),
        equity=book.equity + np.nansum(alone),
    )


@pytest.mark.parametrize("seed", range(60))
def test_the_loop_goes_with_numpy_through_a_strange_book(seed):
    rng = np.random.default_rng(seed)
    book = strange(rng)
    returns = np.maximum(rng.normal(0, 0.4, (60, book.values.size)), -1.0)
    funding = rng.normal(0, rng.choice([0.001, 0.3]), 60)
    ours, loops = NUMPY.move(book, returns, funding), move_straight_by_loop(book, returns, funding)
    np.testing.assert_allclose(loops, ours, rtol=1e-11, atol=1e-11)


def deep(rng):
    """Five tiers that some contracts lack, far beyond what the equity bears, so that closing follows closing."""
    book = account(rng, int(rng.integers(5, 41)), rng.choice([8, 20, 60]), 1, 0.3)
    size = book.values.size
    lacks = rng.random(size) < 0.3
    rates = np.where(lacks, 0.004, np.sort(rng.uniform(0.004, 0.15, (5, 1)), axis=0))
    edges = np.where(lacks, np.inf, np.sort(rng.uniform(0.02, 2.0, (5, 1)), axis=0))
    edges[0], rises = 0.0, np.diff(rates, axis=0)
    freed = np.cumsum(np.multiply(edges[1:], rises, out=np.zeros_like(rises), where=rises > 0), axis=0)
    isolated = book.isolated * rng.uniform(0.9, 1.0, size)  # no two of them breach at one and the same share
    return book._replace(rates=rates, edges=edges, amounts=np.vstack([np.zeros(size), freed]), isolated=isolated)


@pytest.mark.parametrize("seed", range(40))
def test_the_loop_goes_with_numpy_from_closing_to_closing(seed):
    rng = np.random.default_rng(seed)
    book = deep(rng)
    size, funding = book.values.size, rng.normal(0, 0.001, 40)
    returns = np.maximum(np.outer(rng.normal(0, 0.5, 40), rng.normal(1, 0.4, size)), -1.0)
    ours, loops = NUMPY.move(book, returns, funding), move_straight_by_loop(book, returns, funding)
    np.testing.assert_allclose(loops, ours, rtol=1e-11, atol=1e-11)


def test_the_deep_books_are_closed_in_many_parts():
    parts = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        book = deep(rng)
        returns = np.maximum(np.outer(rng.normal(0, 0.5, 40), np.ones(book.values.size)), -1.0)
        closings = move_straight(book, returns, np.zeros(40)).closings
        parts.append(int(((closings.reason == CROSS) & (closings.left > 0)).sum()))
    assert sum(parts) > 2000
    assert sum(part > 0 for part in parts) > 30


def test_closings_come_by_share_and_at_one_share_stops_before_isolated_before_cross():
    at_one_share = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        book = strange(rng)
        moved = move_straight(book, np.maximum(rng.normal(0, 0.4, (60, book.values.size)), -1.0), np.zeros(60))
        copy, _, moment, _, reason = moved.closings
        for each in range(60):
            mine = list(zip(moment[copy == each], reason[copy == each], strict=True))
            assert mine == sorted(mine)
            at_one_share += len(mine) > len(dict(mine))
    assert at_one_share > 500


@pytest.mark.parametrize("kernel", [NUMPY, COMPILED], ids=["numpy", "loops"])
def test_what_a_stop_leaves_at_once_backs_the_account_at_once(kernel):
    # 2 are left to back the first position, which needs 5; the second, beyond its stop, is closed and leaves its 10.
    ones = np.ones(2)
    book = Account(
        values=100 * ones,
        linear=ones > 0,
        rates=np.full((1, 2), 0.05),
        amounts=np.zeros((1, 2)),
        edges=np.zeros((1, 2)),
        isolated=np.array([np.nan, 10.0]),
        equity=12.0,
        fees=np.zeros(2),
        stops=np.array([np.nan, 1.05]),
    )
    moved = kernel.move(book, np.full((1, 2), 0.01), np.zeros(1))
    np.testing.assert_allclose(moved[:, 0], [1, 0, 0, 0, 0, 1, -1], atol=1e-12)


def test_the_strange_books_are_closed_in_every_way():
    reasons = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        book = strange(rng)
        moved = move_straight(book, np.maximum(rng.normal(0, 0.4, (60, book.values.size)), -1.0), np.zeros(60))
        _, _, moment, left, reason = moved.closings
        reasons |= {*zip(reason.tolist(), (left > 0).tolist(), (moment == 0).tolist(), strict=True)}
    liquidations = {(reason, part, now) for reason in (1, 2) for part in (False, True) for now in (False, True)}
    assert reasons == liquidations | {(0, False, False), (0, False, True)}


def test_the_samples_meet_every_number_of_liquidations():
    rng, counts = np.random.default_rng(7), set()
    for leverage in (3, 8, 200):
        found = kernels.outcomes(account(rng, 7, leverage), moves(rng, 400, 7), np.zeros(400), kernel=NUMPY)
        counts |= set(found.liquidated.tolist())
    assert {0, 1, 2, 3, 4, 5} <= counts


@pytest.mark.parametrize("kernel", [NUMPY, COMPILED], ids=["numpy", "loops"])
@pytest.mark.parametrize("block", [1, 7, 640, 1 << 20])
def test_the_cut_into_blocks_changes_not_one_bit(kernel, block, monkeypatch):
    rng = np.random.default_rng(3)
    book, scenarios = account(rng, 20, 3, tiers=3, stops=0.2), moves(rng, 150, 20)
    funding = rng.normal(0, 0.003, 150)
    whole = kernels.outcomes(book, scenarios, funding, kernel=kernel)
    monkeypatch.setattr(blocks, "BLOCK", block)
    cut = kernels.outcomes(book, scenarios, funding, kernel=kernel)
    for one, other in zip(whole, cut, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kernel", [NUMPY, COMPILED], ids=["numpy", "loops"])
def test_a_price_does_not_fall_below_zero(kernel):
    scenarios = kernels.Moves(np.array([[-2.0], [0.5]]), np.array([[1.0, 0.1]]), np.array([[np.nan, -1]] * 2))
    below_already = account(np.random.default_rng(2), 2, 200)
    felled = kernel.held(below_already, scenarios, np.zeros(2))
    np.testing.assert_array_equal(felled.rows, [0, 1])
    np.testing.assert_array_equal(felled.returns, [[-1, -1], [0.5, -1]])


def test_without_factors_what_is_not_overridden_stands_still():
    rng = np.random.default_rng(5)
    book = account(rng, 6, 3)
    given = np.where(rng.random((30, 6)) < 0.5, rng.normal(0, 0.3, (30, 6)), np.nan)
    still = kernels.Moves(np.empty((30, 0)), np.empty((0, 6)), given)
    for kernel in (NUMPY, COMPILED):
        found = kernels.outcomes(book, still, np.zeros(30), kernel=kernel)
        np.testing.assert_allclose(found.pnl, np.maximum(np.nan_to_num(given), -1) @ book.values, atol=1e-12)


def test_progress_is_told_and_ends_at_the_whole(monkeypatch):
    rng = np.random.default_rng(3)
    monkeypatch.setattr(blocks, "BLOCK", 60)
    told = []
    kernels.outcomes(account(rng, 20, 3), moves(rng, 10, 20), np.zeros(10), lambda done, of: told.append((done, of)))
    assert told == [(3, 10), (6, 10), (9, 10), (10, 10)]


@pytest.mark.parametrize(("shock", "by_loop"), [(-0.001, 0), (-0.3, 1)])
def test_the_loops_are_loaded_where_many_are_felled(shock, by_loop, monkeypatch):
    rng = np.random.default_rng(3)
    book, shocks = account(rng, 60, 3, tiers=3), kernels.Moves(np.full((300, 1), shock), np.ones((1, 60)), None)
    moved = []
    monkeypatch.setattr(kernels, "worth_compiling", lambda elements: elements > 5e6)
    monkeypatch.setattr(kernels, "move_straight_by_loop", lambda *given: moved.append(given) or NUMPY.move(*given))
    found = kernels.outcomes(book, shocks, np.zeros(300))
    assert (len(moved), bool(found.liquidated.any())) == (by_loop, bool(by_loop))
