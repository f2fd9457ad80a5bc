"""Many sampled paths: path by path what `follow` says, and no path knows of another."""

import numpy as np
import pytest

from core.market.tiers import Tiers
from core.verify.path.book import as_book
from core.verify.path.sampled_paths import Sampled, ends, held, held_by_bar, held_plain, is_plain
from tests.verify_by_parts import follow

TIERS = Tiers.from_rows(((0, 200, 0.01, 0, 50), (200, 600, 0.03, 4, 20), (600, 1e6, 0.10, 46, 5)))
KINDS = ("plain", "fees", "isolated", "stops", "tiers", "inverse", "all")


def a_book(kind, seed, size=5):
    """Quantities, prices, equity and the keywords of `as_book`, at a leverage at which some paths liquidate."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    quantities = rng.normal(0, 3, size) * (rng.random(size) > 0.15) + 0.5 * (rng.random(size) > 0.9)
    quantities[0] = 2.0
    prices = rng.uniform(20, 100, size)
    gross = float(np.abs(quantities * prices).sum())
    more = {"maintenance_rates": rng.choice([0.004, 0.02, 0.05], size)}
    if kind in ("fees", "all"):
        more["liquidation_fee"] = rng.choice([0.0, 0.01], size)
    if kind in ("isolated", "all"):
        alone = rng.random(size) < 0.6
        alone[0] = True
        more["isolated"] = np.where(alone, 0.08 * np.abs(quantities * prices) + 1e-9, np.nan)
    if kind in ("stops", "all"):
        moves = np.where(rng.random(size) < 0.6, -np.sign(quantities) * rng.uniform(-0.005, 0.1, size), np.nan)
        more["stops"] = prices * (1 + moves)
    if kind in ("tiers", "all"):
        more["tiers"] = [TIERS if rng.random() < 0.7 else None for _ in range(size)]
    if kind in ("inverse", "all"):
        more["inverse"] = rng.random(size) < 0.5
        more["multipliers"] = np.where(more["inverse"], prices, 1.0)
    return quantities, prices, gross * rng.uniform(0.1, 0.25), more


def some_paths(seed, size=5, count=40, bars=8):
    rng = np.random.default_rng([seed, 99])
    returns = np.maximum(rng.standard_t(3, (60, size)) * 0.02, -0.9)
    return Sampled(returns, rng.integers(60, size=(count, bars)))


def prices_along(prices, paths, row):
    growth = np.cumprod(1 + paths.returns[paths.rows[row]], axis=0)
    return prices * np.vstack([np.ones(prices.size), growth])


def close(left, right, gross):
    np.testing.assert_allclose(left, right, rtol=0, atol=1e-12 * gross)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_each_path_ends_as_follow_has_it(kind, seed):
    quantities, prices, equity, more = a_book(kind, seed)
    funding = np.random.default_rng(seed).normal(0, 0.002, 5)
    account, paths = as_book(quantities, prices, equity, **more).account, some_paths(seed)
    found, through = ends(account, funding, paths), held(account, funding, paths)
    gross = equity + np.abs(account.values).sum()
    for row in range(len(paths.rows)):
        followed = follow(quantities, prices_along(prices, paths, row), equity, funding_rates=funding, **more)
        close(found.equity[row], followed.final_equity, gross)
        assert found.liquidated[row] == followed.liquidated.sum()
        assert found.first[row] + 1 == (followed.order[0] if followed.order else 0)
        assert through.breached[row] == followed.liquidated.any()
        if not followed.liquidated.any():
            close(equity + through.pnl[row], followed.final_equity, gross)


@pytest.mark.parametrize("kind", ["plain", "fees", "stops", "tiers", "inverse"])
@pytest.mark.parametrize("seed", range(3))
def test_the_capital_of_a_path_is_the_edge_of_its_liquidation(kind, seed):
    quantities, prices, equity, more = a_book(kind, seed)
    account, paths = as_book(quantities, prices, equity, **more).account, some_paths(seed, count=15)
    capital = held(account, np.zeros(5), paths).capital
    gross = np.abs(account.values).sum()
    for row, needed in enumerate(capital):
        along = prices_along(prices, paths, row)
        assert not follow(quantities, along, needed + 1e-9 * gross, **more).liquidated.any()
        assert needed < 1e-9 * gross or follow(quantities, along, needed - 1e-9 * gross, **more).liquidated.any()


@pytest.mark.parametrize("seed", range(4))
def test_positions_that_stand_alone_need_their_collateral_and_the_account_the_sum(seed):
    quantities, prices, _, more = a_book("isolated", seed)
    del more["isolated"]
    paths = some_paths(seed, count=10)
    alone = quantities != 0
    alone[1] = False
    for row in range(10):
        one = Sampled(paths.returns, paths.rows[[row]])
        along, growth = prices_along(prices, paths, row), np.abs(quantities) * prices
        earned = quantities * (along - prices)
        own = np.where(alone, (more["maintenance_rates"] * np.abs(quantities) * along - earned).max(axis=0), np.nan)
        cross = (more["maintenance_rates"] * np.abs(quantities) * along - earned)[:, ~alone].sum(axis=1).max()
        account = as_book(quantities, prices, growth.sum(), isolated=np.where(alone, 1e-3, np.nan), **more).account
        needed = held(account, np.zeros(5), one).capital[0]
        assert needed == pytest.approx(np.nansum(own) + cross, rel=1e-12)
        enough = own * (1 + 1e-9)
        assert not follow(quantities, along, needed * (1 + 1e-8), isolated=enough, **more).liquidated.any()


@pytest.mark.parametrize("kind", ["plain", "fees", "inverse"])
@pytest.mark.parametrize("seed", range(3))
def test_all_bars_at_once_and_bar_after_bar_agree(kind, seed):
    quantities, prices, equity, more = a_book(kind, seed)
    account, paths = as_book(quantities, prices, equity, **more).account, some_paths(seed, count=200)
    funding = np.random.default_rng(seed).normal(0, 0.001, 5)
    assert is_plain(account)
    account = account._replace(equity=float(np.quantile(held(account, funding, paths).capital, 0.8)))
    at_once, by_bar = held_plain(account, funding, paths), held_by_bar(account, funding, paths)
    gross = np.abs(account.values).sum()
    close(at_once.pnl, by_bar.pnl, gross)
    close(at_once.capital, by_bar.capital, gross)
    np.testing.assert_array_equal(at_once.breached, by_bar.breached)
    assert at_once.breached.sum() == 40


@pytest.mark.parametrize("kind", ["isolated", "stops", "tiers"])
def test_other_books_are_not_plain(kind):
    quantities, prices, equity, more = a_book(kind, 1)
    assert not is_plain(as_book(quantities, prices, equity, **more).account)


@pytest.mark.parametrize("answers", [held_by_bar, held_plain, ends])
def test_it_does_not_matter_how_paths_are_cut(answers):
    quantities, prices, equity, more = a_book("plain", 2)
    account, paths = as_book(quantities, prices, equity, **more).account, some_paths(2)
    whole = answers(account, np.zeros(5), paths)
    for cut in (slice(0, 1), slice(7, 24), slice(39, 40)):
        part = answers(account, np.zeros(5), Sampled(paths.returns, paths.rows[cut]))
        for one, every in zip(part, whole, strict=True):
            np.testing.assert_array_equal(one, every[cut])


def test_the_books_meet_every_kind_of_end():
    """The tests above can only fail if liquidations, first liquidations of each column and survivors are among them."""
    liquidated, first = set(), set()
    for kind in KINDS:
        for seed in range(6):
            quantities, prices, equity, more = a_book(kind, seed)
            found = ends(as_book(quantities, prices, equity, **more).account, np.zeros(5), some_paths(seed))
            liquidated |= set(found.liquidated.tolist())
            first |= set(found.first.tolist())
    assert liquidated == {0, 1, 2, 3, 4, 5}
    assert first == {-1, 0, 1, 2, 3, 4}
