"""The order of liquidation against a brute force that walks the path in fine steps and knows no straight lines."""

import numpy as np
import pytest

from core.market.tiers import Tiers
from tests.verify_by_parts import stress

STEPS = 1500

pytestmark = pytest.mark.filterwarnings("ignore:the account lacks")


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


# The same for every kind of account: isolated collateral, tiers, stops, fees and inverse contracts.

TIERS = Tiers([0, 50, 200], [50, 200, np.nan], [0.005, 0.02, 0.06], [np.nan] * 3, [50, 25, 10])
FINE = 6000


class Position:
    """One position on its way, in plain arithmetic: an inverse contract earns in coin and is marked at the price."""

    def __init__(self, column, quantity, price, move, *, inverse, collateral, stop, tiered, rate, fee):
        self.column, self.quantity, self.entry, self.move = column, quantity, price, move
        self.inverse, self.collateral, self.stop, self.tiered = inverse, collateral, stop, tiered
        self.rate, self.fee = rate, fee
        self.open, self.locked, self.tier = 1.0, 0.0, 99

    def price(self, share):
        return self.entry * (1 + share * self.move)

    def profit(self, share):
        if self.inverse:
            return self.quantity * (1 / self.entry - 1 / self.price(share)) * self.price(share)
        return self.quantity * (self.price(share) - self.entry)

    def size(self, share):
        return abs(self.quantity) * self.open * (1 if self.inverse else self.price(share))

    def counted(self, share):
        return self.size(share) / (self.price(share) if self.inverse else 1)

    def need(self, share):
        unit = self.price(share) if self.inverse else 1
        if not self.tiered:
            return self.size(share) * self.rate
        counted, owed = self.counted(share), 0.0
        # As an income tax: each rate on the part of the notional that lies in its tier.
        for low, high, rate in zip(TIERS.min_notional, TIERS.max_notional, TIERS.maintenance_rate, strict=True):
            owed += rate * max(min(counted, high) - low, 0)
        return owed * unit

    def equity(self, share):
        return self.locked + self.open * self.profit(share)

    def stopped(self, share):
        return self.stop is not None and (self.price(share) - self.stop) * self.quantity <= 0

    def cut(self, share):
        """Close down to the next lower tier, or in whole; returns the fee due."""
        counted = self.counted(share)
        tier = sum(counted > low * (1 + 1e-9) for low in TIERS.min_notional[1:]) if self.tiered else 0
        self.tier = min(tier, self.tier - 1)
        kept = self.open * min(TIERS.min_notional[self.tier] / counted, 1) if self.tier > 0 else 0.0
        due = self.fee * self.size(share) * (1 - kept / self.open)
        self.locked += (self.open - kept) * self.profit(share)
        self.open = kept
        return due


def walk_fully(positions, equity):
    """Final equity, and (column, reason) of every event, on a path of fine steps."""
    lost, events = 0.0, []
    for step in range(FINE + 1):
        share = step / FINE
        for each in positions:
            if each.open and each.stopped(share):
                each.locked += each.open * each.profit(share)
                each.open = 0.0
                events.append((each.column, "stop"))
        alone = [each for each in positions if each.collateral is not None]
        for each in alone:
            while each.open and each.collateral + each.equity(share) < each.need(share):
                due = each.cut(share)
                each.locked -= min(due, max(each.collateral + each.equity(share), 0))
                events.append((each.column, "isolated"))
                if not each.open:
                    lost += each.collateral + each.locked
        while True:
            shared = [each for each in positions if each.collateral is None and each.open]
            set_aside = sum(each.collateral + each.equity(share) for each in alone if each.open)
            total = equity - lost + sum(each.equity(share) for each in positions)
            if not shared or total - set_aside >= sum(each.need(share) for each in shared):
                break
            worst = min(shared, key=lambda each: each.profit(share))
            due = worst.cut(share)
            worst.locked -= due
            events.append((worst.column, "cross"))
    return equity - lost + sum(each.equity(1.0) for each in positions), events


def random_account(seed):
    rng = np.random.default_rng(1000 + seed)
    size = int(rng.integers(1, 6))
    prices = rng.uniform(5, 50, size)
    inverse = rng.random(size) < 0.3
    quantities = np.where(inverse, 1, 1 / prices) * rng.normal(60, 120, size)
    values = quantities * np.where(inverse, 1, prices)
    gross = np.abs(values).sum()
    equity = gross * rng.uniform(0.08, 0.5)
    isolated = np.where(rng.random(size) < 0.35, np.abs(values) * equity / gross * 0.9, np.nan)
    stops = np.where(rng.random(size) < 0.3, prices * (1 - np.sign(values) * rng.uniform(0.02, 0.3, size)), np.nan)
    tiered = rng.random(size) < 0.5
    return {
        "quantities": quantities,
        "prices": prices,
        "betas": np.clip(rng.normal(1, 0.7, size), -1.5, 1.6),
        "equity": equity,
        "market_shocks": rng.uniform(-0.6, 0.6),
        "maintenance_rates": rng.choice([0.01, 0.05], size),
        "isolated": isolated,
        "stops": stops,
        "tiers": [TIERS if each else None for each in tiered],
        "liquidation_fee": rng.choice([0.0, 0.004]),
        "inverse": inverse,
    }


def same_ways(result, events):
    return [(closing.column, closing.reason) for closing in result.closings] == [(c + 1, r) for c, r in events]


@pytest.mark.parametrize("seeds", [range(start, start + 40) for start in range(0, 120, 40)], ids=str)
def test_every_kind_of_account_goes_the_way_of_a_fine_path(seeds):
    met, compared = set(), 0
    for seed in seeds:
        account = random_account(seed)
        result = stress(**account)
        path = result.path(0)
        moves = account["betas"] * account["market_shocks"]
        positions = [
            Position(
                column,
                quantity,
                account["prices"][column],
                moves[column],
                inverse=account["inverse"][column],
                collateral=None if np.isnan(account["isolated"][column]) else account["isolated"][column],
                stop=None if np.isnan(account["stops"][column]) else account["stops"][column],
                tiered=account["tiers"][column] is not None,
                rate=account["maintenance_rates"][column],
                fee=account["liquidation_fee"],
            )
            for column, quantity in enumerate(account["quantities"])
        ]
        final, events = walk_fully(positions, account["equity"])
        if not same_ways(path, events):
            # Two events within one step of the grid, or one that the grid just misses: the exact answer decides.
            shares = [closing.share for closing in path.closings]
            assert len(events) == 0 or min(np.diff([0, *shares, 1])) < 2 / FINE, seed
            continue
        compared += 1
        met |= {reason for _, reason in events} | ({"partial"} if any(c.left for c in path.closings) else set())
        size = np.abs(result.book.values).sum()
        assert result.path_equity[0] == pytest.approx(final, abs=4 * size * len(events) / FINE + 1e-9 * size), seed
    assert compared >= 30
    assert met == {"stop", "isolated", "cross", "partial"}
