"""Tiers and liquidation prices: many positions at once, beside one position at a time in plain Python."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from core.market.liquidation import liquidation_price, tiered_liquidation_price
from core.market.liquidation_cross import cross_liquidation_prices
from core.market.tiers import Tiers

ROWS = (
    (0, 50_000, 0.004, 0, 125),
    (50_000, 250_000, 0.005, 50, 100),
    (250_000, 1_000_000, 0.01, 1_300, 50),
    (1_000_000, 10_000_000, 0.025, 16_300, 20),
    (10_000_000, 20_000_000, 0.05, 266_300, 10),
    (20_000_000, 50_000_000, 0.1, 1_266_300, 5),
)
REPEATS = 15


def main() -> None:
    print(f"\nMargin and liquidation\n{'':44}{'ours':>12}{'one at a time':>18}{'ratio':>10}")
    for name, ours, peer in (_maintenance(), _isolated(), _tiered(), _cross()):
        mine, theirs = _median(ours), _median(peer, 3)
        print(f"{name:44}{mine * 1e3:>9.2f} ms{theirs * 1e3:>15.2f} ms{theirs / mine:>9.1f}x")


Contest = tuple[str, Callable[[], object], Callable[[], object]]


def _maintenance() -> Contest:
    table = Tiers.from_rows(ROWS)
    values = 10 ** np.random.default_rng(1).uniform(2, 7.5, (1_000, 500))

    def by_masks() -> np.ndarray:
        """What a desk writes in numpy: one mask a tier."""
        margin = np.zeros_like(values)
        for low, high, rate, amount, _ in ROWS:
            inside = (values > low) & (values <= high)
            margin[inside] = values[inside] * rate - amount
        return margin

    return "tiers of 1,000 x 500 notionals (masks)", lambda: table.maintenance(values), by_masks


def _positions(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    entry = rng.uniform(10, 60_000, size)
    quantity = rng.choice([-1, 1], size) * 10 ** rng.uniform(3, 7, size) / entry
    return quantity, entry, np.abs(quantity) * entry * rng.uniform(0.3, 0.9, size)


def _isolated() -> Contest:
    quantity, entry, wallet = _positions(10_000)

    def one(q: float, p: float, c: float) -> float:
        side = 1 if q > 0 else -1
        return (c - side * abs(q) * p) / (abs(q) * 0.01 - side * abs(q))

    plain = [each.tolist() for each in (quantity, entry, wallet)]
    return (
        "10,000 isolated prices",
        lambda: liquidation_price(quantity, entry, wallet, 0.01),
        lambda: [one(*position) for position in zip(*plain, strict=True)],
    )


def _tiered() -> Contest:
    table = Tiers.from_rows(ROWS)
    quantity, entry, wallet = _positions(10_000)

    def searched(q: float, p: float, c: float) -> float:
        side, found = (1 if q > 0 else -1), 0.0
        for _, end, rate, amount, _ in ROWS:
            found = (c + amount - q * p) / (abs(q) * (rate - side))
            if found * abs(q) <= end:
                break
        return found

    plain = [each.tolist() for each in (quantity, entry, wallet)]
    return (
        "10,000 isolated prices by tier",
        lambda: tiered_liquidation_price(quantity, entry, wallet, table),
        lambda: [searched(*position) for position in zip(*plain, strict=True)],
    )


def _cross() -> Contest:
    quantity, entry, _ = _positions(500)
    mark = entry * 1.01
    wallet = float(np.abs(quantity * mark).sum())
    rates = np.full(500, 0.01)

    def each_against_the_others() -> list[float]:
        """The venue's formula as it stands: TMM and UPNL of the other contracts, for each contract anew."""
        prices = []
        for k in range(500):
            others = np.arange(500) != k
            upnl = (quantity * (mark - entry))[others].sum()
            tmm = (np.abs(quantity) * mark * rates)[others].sum()
            side = np.sign(quantity[k])
            size = abs(quantity[k])
            prices.append((wallet - tmm + upnl - side * size * entry[k]) / (size * rates[k] - side * size))
        return prices

    return (
        "500 contracts of one cross account",
        lambda: cross_liquidation_prices(quantity, entry, mark, wallet, rates),
        each_against_the_others,
    )


def _median(work: Callable[[], object], repeats: int = REPEATS) -> float:
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
