"""Stress beside plain numpy and one pass over memory; then reverse stress, capital and a path bar by bar."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np

from core.errors import DataWarning
from core.market.tiers import Tiers
from core.verify.path.account import Account
from core.verify.path.book import Book, as_book
from core.verify.path.follow import follow
from core.verify.path.outcomes import COMPILED, NUMPY, Moves, outcomes
from core.verify.stress.capital import capital_needed
from core.verify.stress.reverse import liquidation_ladder, market_reach
from core.verify.stress.scenarios import Stress, stress
from core.verify.stress.shocks import as_shocks
from core.verify.stress.worst_case import worst_case

from . import verify_margin, verify_montecarlo

SCENARIOS, POSITIONS, REPEATS = 10_000, 500, 15

TIERS = Tiers([0, 50, 200], [50, 200, np.nan], [0.005, 0.02, 0.06], [np.nan] * 3, [50, 25, 10])


def main() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        _many_scenarios()
        _single_answers()
    verify_margin.main()
    verify_montecarlo.main()


def _many_scenarios() -> None:
    """Every scenario down to who is liquidated, from none to many; returns as betas and shocks, or as a matrix."""
    print(
        f"\nStress, {SCENARIOS:,} scenarios x {POSITIONS} positions, 30 % of them isolated; milliseconds, least of many"
    )
    print(
        f"{'returns as':12}{'felled':>8}{'closings':>10}{'loops':>9}{'numpy':>9}{'plain numpy':>13}{'ratio':>8}"
        f"{'one pass':>10}{'ratio':>8}"
    )
    for leverage, volatility in ((2, 0.05), (2, 0.1), (3, 0.1), (3, 0.2)):
        book, betas = _book(leverage)
        market = np.random.default_rng(2).normal(0, volatility, SCENARIOS).clip(-1)
        moves = as_shocks(book, betas, market, idiosyncratic=np.linspace(-0.02, 0.02, POSITIONS)).moves
        given = Moves(np.empty((SCENARIOS, 0)), np.empty((0, POSITIONS)), moves.returns())
        for name, each in (("betas", moves), ("a matrix", given)):
            _contest(name, book.account, each)


def _contest(name: str, account: Account, moves: Moves) -> None:
    funding = np.full(SCENARIOS, 1e-4)
    ours, plain = outcomes(account, moves, funding, kernel=COMPILED), _plain(account, moves, funding)
    for field, figures in plain.items():
        np.testing.assert_allclose(getattr(ours, field), figures, rtol=1e-9, atol=1e-8, err_msg=field)
    returns = moves.returns()
    least = _least(loops=lambda: outcomes(account, moves, funding, kernel=COMPILED), one_pass=returns.sum)
    slow = _least(
        repeats=3,
        numpy=lambda: outcomes(account, moves, funding, kernel=NUMPY),
        plain=lambda: _plain(account, moves, funding),
    )
    print(
        f"{name:12}{(ours.liquidated > 0).mean():>8.1%}{ours.liquidated.mean():>10.2f}{least['loops']:>9.2f}"
        f"{slow['numpy']:>9.1f}{slow['plain']:>13.1f}{slow['plain'] / least['loops']:>7.1f}x"
        f"{least['one_pass']:>10.2f}{least['loops'] / least['one_pass']:>7.1f}x"
    )


def _plain(account: Account, moves: Moves, funding: np.ndarray) -> dict[str, np.ndarray]:
    """What a desk writes in numpy: the whole block in each step, and a sorted loop over those that are felled."""
    returns = moves.factors @ moves.loadings if moves.overrides is None else moves.overrides
    returns = np.maximum(returns, -1)
    alone, rates = account.alone, account.rates[0]
    price_gains = account.values * returns
    gains = price_gains - account.values * funding[:, np.newaxis]
    needed_now = np.abs(account.values) * rates
    growth = needed_now * returns
    maintenance = needed_now + growth

    own_now = account.isolated - needed_now
    own_after = account.isolated + gains - maintenance
    felled = alone & (own_after < 0)
    share = np.where(felled, own_now / np.where(felled, growth - gains, 1.0), 1.0)
    path, liquidated = (price_gains * share).sum(axis=1), felled.sum(axis=1)
    paid, lost = (share * (price_gains - gains)).sum(axis=1), (felled * (account.isolated + share * gains))
    lost = np.where(felled, lost, 0.0).sum(axis=1)

    level = account.equity - account.isolated[alone].sum() - needed_now[~alone].sum()
    slope = np.where(alone, 0.0, gains - growth).sum(axis=1)
    shortfall = np.maximum(-level - slope, 0) + np.where(felled, -own_after, 0.0).sum(axis=1)
    rows = np.flatnonzero(level + slope < 0)
    order = np.argsort(np.where(alone, np.inf, price_gains[rows]), axis=1)
    level, slope, reached = np.full(rows.size, level), slope[rows], np.zeros(rows.size)
    for place in range(int((~alone).sum())):
        short = level + slope < 0
        if not short.any():
            break
        column = order[:, place]
        at = (rows, column)
        reached = np.where(short, np.maximum(-level / slope, reached), reached)
        path[rows] -= np.where(short, price_gains[at] * (1 - reached), 0.0)
        paid[rows] -= np.where(short, account.values[column] * funding[rows] * (1 - reached), 0.0)
        level = np.where(short, level + reached * gains[at] + needed_now[column], level)
        slope = np.where(short, slope - gains[at] + growth[at], slope)
        liquidated[rows] += short
    return {
        "pnl": price_gains.sum(axis=1),
        "maintenance": maintenance.sum(axis=1),
        "shortfall": shortfall,
        "path_pnl": path,
        "path_funding": -paid,
        "lost": lost,
        "liquidated": liquidated,
    }


def _single_answers() -> None:
    """One question at a time, in a process that has not loaded the loops for it."""
    book, betas = _book(3)
    tiered = as_book(book.coins, book.prices, book.equity, tiers=TIERS)
    prices = 100 * np.cumprod(1 + np.random.default_rng(4).normal(0, 0.02, (25, 20)), axis=0)
    many = stress(book, as_shocks(book, betas, np.linspace(-0.3, 0.3, 1_000)))

    def sixteen() -> Stress:
        few = as_book(book.coins[:30], book.prices[:30], book.equity / 10)
        return stress(few, as_shocks(few, betas[:30], np.linspace(-0.3, 0.3, 16)))

    small = sixteen()
    asked: dict[str, tuple[Callable[[], object], str]] = {
        "stress, 16 scenarios x 30 contracts": (sixteen, ""),
        "one path of it, contract by contract": (lambda: small.path(0), ""),
        "reverse stress, 500 positions": (lambda: market_reach(book, betas), "<= 5 ms"),
        "reverse stress, 500 positions, tiers": (lambda: market_reach(tiered, betas), "<= 5 ms"),
        "liquidation ladder, 500 positions": (lambda: liquidation_ladder(tiered), ""),
        "capital, 1,000 scenarios x 500": (lambda: capital_needed(many), ""),
        "worst case of a box, 500 positions": (lambda: worst_case(tiered, betas, [-0.3, 0.2], [-0.3, 0.5]), ""),
        "follow, 24 bars x 20 contracts": (lambda: follow(as_book(np.ones(20), prices[0], 500.0), prices[1:]), ""),
    }
    print(f"\n{'':40}{'ours':>12}   bar")
    for name, (ask, bar) in asked.items():
        print(f"{name:40}{_least(repeats=REPEATS, ours=ask)['ours']:>9.2f} ms   {bar}")


def _book(leverage: float) -> tuple[Book, np.ndarray]:
    rng = np.random.default_rng(1)
    values, prices = rng.normal(0.3, 1, POSITIONS), rng.uniform(1, 100, POSITIONS)
    isolated = np.where(rng.random(POSITIONS) < 0.3, np.abs(values) / leverage * 0.9, np.nan)
    equity = np.abs(values).sum() / leverage
    return as_book(values / prices, prices, equity, isolated=isolated), rng.normal(1, 0.3, POSITIONS)


def _least(repeats: int = REPEATS, **contestants: Callable[[], object]) -> dict[str, float]:
    """Least milliseconds of each, taken in turns so that all meet the same machine."""
    least = dict.fromkeys(contestants, np.inf)
    for ask in contestants.values():
        ask()
    for _ in range(repeats):
        for name, ask in contestants.items():
            start = time.perf_counter()
            ask()
            least[name] = min(least[name], (time.perf_counter() - start) * 1e3)
    return least
