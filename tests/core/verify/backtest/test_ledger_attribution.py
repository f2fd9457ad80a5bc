"""Attribution of a ledger: a slow account of every bar, sums through liquidations, order, scale, nothing of later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from core.errors import ArgumentError, DataWarning
from core.verify.backtest.ledger_attribution import attribute_ledger
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk

BARS, HEDGES = 120, np.array([True, False, False, True])
NAMES, FACTORS = ("BTC", "ADA", "DOT", "ETH"), ("BTC", "ETH")


def run(seed=0, gross=1.5, volatility=0.02, equity=1000.0, scale=1.0, order=None):
    """A book of random weights, a history and betas known after each row."""
    rng = np.random.default_rng(seed)
    prices = 50 * scale * np.exp(np.cumsum(rng.normal(0, volatility, (BARS, 4)), axis=0))
    rates, wanted = rng.normal(1e-4, 3e-4, prices.shape), rng.normal(0, gross / 3, (BARS, 4))
    betas = rng.normal(1, 0.3, (BARS, 4, 2))
    order = np.arange(4) if order is None else order
    history = as_history(prices[:, order], rates[:, order], None, 365.0)
    terms = Terms(fee=5e-4, slippage=3e-4, maintenance_rates=0.02, liquidation_fee=0.01)
    ledger = walk(history, range(20, BARS, 7), lambda standing: wanted[standing.row, order], terms, equity)
    moves = (
        np.diff(prices, axis=0, prepend=prices[:1])[:, [0, 3]] / prices[np.maximum(np.arange(BARS) - 1, 0)][:, [0, 3]]
    )
    return ledger, betas[:, order], moves


def attributed(ledger, betas, moves, hedges=HEDGES, names=NAMES):
    return attribute_ledger(ledger, betas, moves, hedges, names, FACTORS)


def test_every_part_by_a_slow_account():
    ledger, betas, moves = run()
    found = attributed(ledger, betas, moves)
    assert found.parts == (
        *("market BTC", "market ETH", "alpha", "hedge BTC", "hedge ETH"),
        *("funding", "funding of hedges", "interest", "fees", "slippage", "liquidation"),
    )
    sums = dict.fromkeys(found.parts, 0.0)
    for t in range(1, BARS):
        for i, name in enumerate(NAMES):
            pnl = ledger.quantities[t - 1, i] * (ledger.marks[t, i] - ledger.marks[t - 1, i])
            if HEDGES[i]:
                sums[f"hedge {name}"] += pnl
            else:
                notional = ledger.quantities[t - 1, i] * ledger.marks[t - 1, i]
                by_factor = [notional * betas[t - 1, i, k] * moves[t, k] for k in range(2)]
                sums["market BTC"] += by_factor[0]
                sums["market ETH"] += by_factor[1]
                sums["alpha"] += pnl - sum(by_factor)
            sums["funding of hedges" if HEDGES[i] else "funding"] += ledger.funding[t, i]
    for t in range(BARS):
        sums["fees"] -= ledger.fees[t].sum()
        sums["slippage"] -= ledger.slippage[t].sum()
    expected = np.array(list(sums.values())) / 1000
    np.testing.assert_allclose(found.contributions, expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("gross", "volatility"), [(1.5, 0.02), (9.0, 0.06), (30.0, 0.05)])
def test_parts_sum_to_each_bar_and_to_the_total_through_liquidations_and_ruin(seed, gross, volatility):
    ledger, betas, moves = run(seed, gross, volatility)
    found = attributed(ledger, betas, moves)
    assert found.largest_difference <= 1e-12
    assert found.contributions.sum() == pytest.approx(ledger.equity[-1] / 1000 - 1, abs=1e-12)
    np.testing.assert_allclose(found.money.sum(axis=1), ledger.gains, atol=1e-9)
    returns = ledger.returns_since(int(ledger.decisions[0]))
    np.testing.assert_allclose(found.per_bar.sum(axis=1), returns, atol=1e-12)


def test_some_of_those_books_are_liquidated_and_some_ruined():
    books = [run(seed, 30.0, 0.05)[0] for seed in range(8)]
    assert any(book.liquidated for book in books)
    assert any(book.equity[-1] == 0 for book in books)


def test_interest_is_a_part_of_its_own_in_the_warm_up_too():
    ledger, betas, moves = run(7)
    interest = np.full(BARS, 0.5)
    paid = replace(ledger, interest=interest, equity=ledger.equity + np.cumsum(interest))
    found = attributed(paid, betas, moves)
    assert dict(zip(found.parts, found.contributions, strict=True))["interest"] == pytest.approx(0.06, rel=1e-12)
    assert found.largest_difference <= 1e-12
    np.testing.assert_allclose(found.per_bar.sum(axis=1), paid.returns_since(20), atol=1e-12)


def test_months_sum_to_the_run():
    ledger, betas, moves = run(1)
    found = attributed(ledger, betas, moves)
    months, money = found.by_period(np.arange(BARS) // 30)
    assert months.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(money.sum(axis=0), found.contributions, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(money[1], found.money[30:60].sum(axis=0) / 1000, rtol=1e-12, atol=1e-15)


def test_contracts_in_another_order_and_money_in_another_unit_change_nothing():
    found = attributed(*run(2))
    order = [2, 3, 0, 1]
    mixed = attributed(*run(2, order=order), HEDGES[order], [NAMES[i] for i in order])
    as_named = [mixed.parts.index(part) for part in found.parts]
    np.testing.assert_allclose(mixed.contributions[as_named], found.contributions, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(mixed.t[as_named], found.t, rtol=1e-7)
    large = attributed(*run(2, equity=1e6, scale=40.0))
    np.testing.assert_allclose(large.contributions, found.contributions, rtol=1e-9, atol=1e-14)


def test_a_share_of_each_position_hedges_by_a_slow_account():
    ledger, betas, moves = run(7)
    shares = np.random.default_rng(7).normal(0.5, 0.5, (BARS, 4))
    shares[:, 1] = 0.0
    found = attributed(ledger, betas, moves, shares)
    assert [part for part in found.parts if part.startswith("hedge")] == ["hedge BTC", "hedge DOT", "hedge ETH"]
    sums = dict.fromkeys(found.parts, 0.0)
    for t in range(1, BARS):
        for i, name in enumerate(NAMES):
            share, before = shares[t - 1, i], ledger.quantities[t - 1, i]
            pnl = before * (ledger.marks[t, i] - ledger.marks[t - 1, i])
            by_factor = [
                (1 - share) * before * ledger.marks[t - 1, i] * betas[t - 1, i, k] * moves[t, k] for k in (0, 1)
            ]
            sums["market BTC"] += by_factor[0]
            sums["market ETH"] += by_factor[1]
            sums["alpha"] += (1 - share) * pnl - sum(by_factor)
            sums["funding"] += (1 - share) * ledger.funding[t, i]
            sums["funding of hedges"] += share * ledger.funding[t, i]
            if i != 1:
                sums[f"hedge {name}"] += share * pnl
    for part, money in zip(found.parts, found.money.sum(axis=0), strict=True):
        if part in sums and part not in ("interest", "fees", "slippage", "liquidation"):
            assert money == pytest.approx(sums[part], rel=1e-9, abs=1e-9), part
    assert found.largest_difference <= 1e-12


def test_a_book_of_its_factors_with_a_beta_of_one_is_all_market():
    ledger, _, moves = run(3)
    betas = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    found = attribute_ledger(ledger, betas, moves)
    by_contract = ledger.pnl.sum(axis=0) / 1000
    np.testing.assert_allclose(found.contributions[:2], by_contract[[0, 3]], rtol=1e-9)
    assert found.contributions[2] == pytest.approx(by_contract[[1, 2]].sum(), rel=1e-9)
    assert found.parts == ("market 1", "market 2", "alpha", "funding", "interest", "fees", "slippage", "liquidation")


def test_t_is_that_of_statsmodels():
    found = attributed(*run(4))
    lags = int(4 * (len(found.per_bar) / 100) ** (2 / 9))
    for part, bars in enumerate(found.per_bar.T):
        if not bars.any():
            assert found.parts[part] in ("interest", "liquidation")
            assert np.isnan(found.t[part])
            continue
        fit = sm.OLS(bars, np.ones(bars.size)).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
        assert found.t[part] == pytest.approx(fit.tvalues[0], rel=1e-9)


def test_a_beta_of_the_bar_itself_plays_no_part():
    ledger, betas, moves = run(5)
    later = betas.copy()
    later[60:] *= 3
    before, after = attributed(ledger, betas, moves), attributed(ledger, later, moves)
    np.testing.assert_array_equal(after.money[:61], before.money[:61])
    assert not np.array_equal(after.money[61], before.money[61])


def test_what_is_not_known_counts_as_alpha_and_is_said():
    ledger, betas, moves = run(6)
    betas[30:33, 1] = np.nan
    moves[50, 1] = np.nan
    with pytest.warns(DataWarning) as said:
        found = attributed(ledger, betas, moves)
    first, second = (str(each.message) for each in said)
    assert first.startswith("betas of what is held are not known in 3 of 119 bars, first of column 2 at row 32")
    assert second.startswith("factor_returns are missing in 1 bars")
    assert found.largest_difference <= 1e-12
    assert not found.money[50, :2].any()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"betas": np.ones((3, 3))}, "betas are of shape"),
        ({"factor_returns": np.ones((5, 2))}, "ledger has 120 rows and factor_returns has 5"),
        ({"hedges": np.array([True])}, "hedges has 1 values where 4"),
        ({"hedges": np.ones((3, 4))}, "hedges has 12 values where 4"),
        ({"contracts": ["a", "a", "b", "c"]}, "contracts has 4 names where 4 different ones"),
    ],
)
def test_bad_input(changed, reason):
    ledger, betas, moves = run()
    with pytest.raises(ArgumentError, match=reason):
        attribute_ledger(**{"ledger": ledger, "betas": betas, "factor_returns": moves, **changed})
    with pytest.raises(ArgumentError, match="periods has 3 values"):
        attributed(ledger, betas, moves).by_period(np.arange(3))
