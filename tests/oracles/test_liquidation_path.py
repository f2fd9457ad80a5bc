"""The order of liquidation against a brute force that walks the path in fine steps and knows no straight lines."""

import numpy as np
import pytest

from core.verify.stress import stress

STEPS = 1500


def walk(quantities, prices, returns, equity, rates, funding):
    """Columns closed on the way, in order: at each step the greatest loser so far goes while equity is short."""
    is_open = quantities != 0
    locked, closed = equity, []
    for step in range(STEPS + 1):
        share = step / STEPS
        now = prices * (1 + share * returns)
        profit = quantities * (now - prices)
        paid = share * quantities * prices * funding
        while is_open.any():
            held = locked + (profit - paid)[is_open].sum()
            if held >= (np.abs(quantities) * now * rates)[is_open].sum():
                break
            # At the very start nobody has lost yet; the one about to lose the most is the greatest loser.
            loss = profit if step else quantities * prices * returns
            worst = int(np.argmin(np.where(is_open, loss, np.inf)))
            locked += profit[worst] - paid[worst]
            is_open[worst] = False
            closed.append(worst)
    return closed


def random_book(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 8))
    quantities = rng.normal(0, 3, size) * (rng.random(size) > 0.15)
    prices = rng.uniform(1, 100, size)
    # No rate of zero: closing such a position frees nothing, so the sliver a grid overshoots by would close the next.
    rates = rng.choice([0.004, 0.02, 0.1], size)
    gross = np.abs(quantities * prices).sum()
    equity = max(gross, 1.0) * rng.uniform(0.02, 0.6)
    return quantities, prices, rng.normal(1, 0.8, size), equity, rng.uniform(-0.7, 0.7), rates, rng.normal(0, 0.02)


def survives_a_nudge(arguments, count):
    """Is the number of liquidations the same a little nearer and a little further? If not, the grid decides it."""
    quantities, prices, betas, equity, shock, rates, funding = arguments
    step = np.abs(quantities * prices).sum() / STEPS
    nudged = [e for e in (equity - step, equity + step) if e > 0]
    return all(stress(quantities, prices, betas, e, shock, rates, funding).liquidated[0] == count for e in nudged)


@pytest.mark.parametrize("seeds", [range(start, start + 30) for start in range(0, 120, 30)], ids=str)
def test_number_and_first_of_the_liquidations_are_those_of_a_fine_path(seeds):
    compared = 0
    for seed in seeds:
        arguments = random_book(seed)
        quantities, prices, betas, equity, shock, rates, funding = arguments
        result = stress(quantities, prices, betas, equity, shock, rates, funding)
        if not survives_a_nudge(arguments, result.liquidated[0]):
            continue
        compared += 1
        returns = np.maximum(betas * shock, -1)
        closed = walk(quantities, prices, returns, equity, rates, funding)
        assert len(closed) == result.liquidated[0], seed
        if closed:
            assert closed[0] + 1 == result.first_liquidated[0], seed
    assert compared >= 25


def test_the_brute_force_meets_every_kind_of_book():
    counts = {int(stress(*book[:5], *book[5:]).liquidated[0]) for book in map(random_book, range(120))}
    assert {0, 1, 2, 3} <= counts
