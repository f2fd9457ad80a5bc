"""The order of events in a bar, each by hand; copies of an account that do not know of one another."""

import numpy as np

from core.market.tiers import Tiers
from core.verify.path.bars import OverBars
from core.verify.path.book import as_book
from core.verify.path.statement import CROSS, ISOLATED, STOP

NAN = np.nan
TIERS = Tiers([0, 50, 200], [50, 200, NAN], [0.005, 0.02, 0.06], [NAN] * 3, [50, 25, 10])


def along(account, ratios, rates=0.0):
    """`ratios` (S, H, N) of prices to now."""
    paths = np.asarray(ratios, dtype=float)
    on_the_way = OverBars(account, len(paths))
    on_the_way.liquidate(0)
    for bar in range(paths.shape[1]):
        on_the_way.move(paths[:, bar], np.full(paths.shape[2], rates), bar + 1)
        on_the_way.liquidate(bar + 1)
    return on_the_way


def test_in_one_bar_stops_come_first_then_funding_then_isolated_then_cross():
    book = as_book([1, 1, 1], [100, 100, 100], 54, 0.05, isolated=[NAN, 10, NAN], stops=[NAN, NAN, 98])
    result = along(book.account, [[[0.6, 0.6, 0.6]]], rates=0.01)
    closings = result.closings
    assert closings.reason.tolist() == [STOP, ISOLATED, CROSS]
    assert closings.column.tolist() == [2, 1, 0]
    assert closings.moment.tolist() == [1, 1, 1]
    # The stop is filled at 98 and pays no funding; the others pay 1 % of 60 before they are looked at.
    np.testing.assert_allclose(result.pnl, [[-40, -40, -2]])
    np.testing.assert_allclose(result.funding, [[-0.6, -0.6, 0]])
    # The exchange bears what the isolated position lost beyond its 10.
    np.testing.assert_allclose(result.lost, [[0, 10 - 40.6, 0]])
    np.testing.assert_allclose(result.equity, [54 - 40.6 - 2 - 10])


def test_funding_alone_can_liquidate():
    book = as_book([3], [100], 20, 0.05)
    assert not along(book.account, [[[1.0]]], rates=0.01).liquidated.any()
    assert along(book.account, [[[1.0]]], rates=0.02).liquidated.all()


def test_a_position_is_reduced_by_a_tier_and_then_by_another():
    book = as_book([4], [100], 50, tiers=TIERS)
    result = along(book.account, [[[0.9], [0.88]]])
    # 360 needs 12.85 and there are 10: cut to 200, which needs 3.25; at 88, 5.56 are left of it.
    np.testing.assert_allclose(result.closings.left, [200 / 360])
    deeper = along(book.account, [[[0.9], [0.88], [0.86]]])
    np.testing.assert_allclose(deeper.closings.left[1] * 4 * 86, 50)
    assert deeper.closings.moment.tolist() == [1, 3]


def closed_one_by_one(account, ratios):
    """Shares left and fees where everything is added up anew before each closing, in plain Python."""
    values, sizes = account.values, np.abs(account.values) * ratios
    shares, tier, fees = np.ones(values.size), [len(account.rates)] * values.size, 0.0

    def needed():
        return sum(
            max(account.rates[:, i] * sizes[i] * shares[i] - account.amounts[:, i]) for i in np.flatnonzero(shares)
        )

    while shares.any() and account.equity + (values * (ratios - 1)).sum() - fees < needed():
        worst = min(np.flatnonzero(shares), key=lambda i: values[i] * (ratios[i] - 1))
        size = sizes[worst] * shares[worst]
        tier[worst] = min(sum(size > account.edges[1:, worst] * (1 + 1e-9)), tier[worst] - 1)
        left = account.edges[tier[worst], worst] / size if tier[worst] else 0.0
        fees += account.fees[worst] * size * (1 - left)
        shares[worst] *= left
    return shares, fees


def test_many_are_closed_in_one_bar_from_loser_to_loser_and_tier_to_tier():
    steep = Tiers([0, 50, 200], [50, 200, NAN], [0.02, 0.1, 0.3], [NAN] * 3, [10, 5, 2])
    closings, survivors = 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        quantities = rng.normal(0.5, 2, 30)
        equity = 1.1 * steep.maintenance(100 * quantities).sum()
        book = as_book(quantities, np.full(30, 100.0), equity, tiers=steep, liquidation_fee=0.01)
        ratios = 1 + (rng.normal(0, 0.1, (5, 1)) + rng.normal(0, 0.1, (5, 30))).clip(-0.9)
        result = along(book.account, ratios[:, np.newaxis])
        for row in range(5):
            shares, fees = closed_one_by_one(book.account, ratios[row])
            np.testing.assert_allclose(result.shares[row], shares, rtol=1e-12)
            np.testing.assert_allclose(result.fees[row].sum(), fees, rtol=1e-12)
            survivors += shares.any() and not shares.all()
        closings += result.closings.copy.size
    assert closings > 400
    assert survivors > 30


def test_copies_do_not_know_of_one_another():
    rng = np.random.default_rng(4)
    quantities = rng.normal(0, 1, 6)
    book = as_book(
        quantities, np.full(6, 100.0), 120, tiers=TIERS, isolated=[25, NAN, NAN, 20, NAN, NAN],
        stops=[NAN, NAN, 100 * (1 - 0.1 * np.sign(quantities[2])), NAN, NAN, NAN], liquidation_fee=0.002,
    )  # fmt: skip
    paths = np.cumprod(1 + rng.normal(0, 0.06, (50, 12, 6)).clip(-0.5), axis=1)
    together = along(book.account, paths, 0.001)
    assert {STOP, ISOLATED, CROSS} == set(together.closings.reason.tolist())
    for row in range(50):
        alone = along(book.account, paths[[row]], 0.001)
        for name in ("shares", "pnl", "funding", "fees", "lost", "equity", "liquidated"):
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[row])
        mine = together.closings.copy == row
        np.testing.assert_array_equal(together.closings.column[mine], alone.closings.column)
        np.testing.assert_array_equal(together.closings.moment[mine], alone.closings.moment)
        assert together.first_liquidated[0][row] == alone.first_liquidated[0][0]
