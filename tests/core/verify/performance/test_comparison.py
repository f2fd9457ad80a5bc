"""Two runs compared: the figures of other files, a loop over resampled bars, the closed form of the error, verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from core.numeric.block_bootstrap import best_block_length, stationary_rows
from core.verify.performance.comparison import compare
from core.verify.performance.drawdown import drawdown
from core.verify.performance.ratios import annual_growth, sharpe_ratio

RNG = np.random.default_rng(21)
MARKET = RNG.normal(0.0004, 0.02, 700)
FIRST, SECOND = 0.8 * MARKET + RNG.normal(0, 0.006, 700), MARKET + RNG.normal(0, 0.004, 700)
TRADED = (np.abs(RNG.normal(0.02, 0.01, 700)), np.abs(RNG.normal(0.05, 0.02, 700)))


def figures_of(returns, traded, rate=0.03, periods=365):
    return (
        sharpe_ratio(returns, rate, periods)[0],
        drawdown(returns).max_drawdown[0],
        annual_growth(returns, periods),
        traded.sum() * periods / returns.size,
    )


@pytest.mark.parametrize("bars", [700, 5003])
def test_the_figures_of_both_runs_are_those_of_the_other_files(bars):
    """Also where bars are gathered in cells, the last of which is shorter."""
    runs = RNG.normal(0.0002, 0.01, (2, bars))
    traded = np.abs(RNG.normal(0, 0.01, (2, bars)))
    found = compare(runs[0], runs[1], (traded[0], traded[1]), 0.03, 365, paths=100)
    for side, name in enumerate(("first", "second")):
        ours = [getattr(each, name) for each in found.differences]
        np.testing.assert_allclose(ours, figures_of(runs[side], traded[side]), rtol=1e-9)
    assert [each.figure for each in found.differences] == ["sharpe", "max_drawdown", "growth", "turnover"]


def test_the_interval_by_a_loop_over_resampled_bars():
    found = compare(FIRST, SECOND, TRADED, 0.03, 365, paths=150, seed=9)
    rate = 0.03 / 365
    excess = [FIRST - rate, SECOND - rate]
    block = max(best_block_length(s) for e in excess for s in (e - e.mean(), (e - e.mean()) ** 2))
    assert found.block == pytest.approx(block, rel=1e-9)
    rows = stationary_rows(np.random.default_rng(9), 700, 150, 700, found.block)
    differences = np.array(
        [
            np.subtract(figures_of(FIRST[path], TRADED[0][path]), figures_of(SECOND[path], TRADED[1][path]))
            for path in rows
        ]
    )
    for each, slow in zip(found.differences, differences.T, strict=True):
        np.testing.assert_allclose([each.lower, each.upper], np.quantile(slow, [0.025, 0.975]), rtol=1e-8)
        assert each.higher == pytest.approx((slow > 0).mean())


def test_cells_of_several_bars_give_the_fall_of_the_bars():
    """A path of cells in their own order is the history itself, so the figure of a cell joins exactly."""
    bars = 2001 * 3 - 1
    run = RNG.normal(0, 0.02, bars)
    found = compare(run, run[::-1].copy(), paths=100)
    assert found.of("max_drawdown").first == pytest.approx(drawdown(run).max_drawdown[0], rel=1e-12)


def test_the_width_is_that_of_the_closed_form_for_independent_normal_returns():
    """Memmel (2003): var = (2 - 2 rho + (S1^2 + S2^2 - 2 S1 S2 rho^2) / 2) / T."""
    rho, bars = 0.6, 1900
    draws = RNG.multivariate_normal([0.001, 0.0005], 1e-4 * np.array([[1, rho], [rho, 1]]), bars)
    found = compare(draws[:, 0], draws[:, 1], periods_per_year=1, paths=2000).of("sharpe")
    ratios, r = draws.mean(axis=0) / draws.std(axis=0, ddof=1), np.corrcoef(draws.T)[0, 1]
    variance = (2 - 2 * r + (ratios @ ratios - 2 * ratios[0] * ratios[1] * r**2) / 2) / bars
    assert (found.upper - found.lower) / (2 * 1.96 * np.sqrt(variance)) == pytest.approx(1, abs=0.12)


def test_runs_alike_are_not_distinguished_more_often_than_promised():
    verdicts = []
    for _ in range(120):
        common = RNG.normal(0, 0.01, 400)
        found = compare(common + RNG.normal(0, 0.01, 400), common + RNG.normal(0, 0.01, 400), paths=200)
        verdicts.append(found.of("sharpe").verdict)
    assert verdicts.count("not distinguishable") >= 104  # 114 expected of 120, binomial 5 sigma below


def test_verdicts_in_words():
    better = compare(MARKET + 0.004, MARKET, TRADED)
    assert (better.of("sharpe").verdict, better.of("max_drawdown").verdict) == ("higher", "shallower")
    assert better.of("turnover").verdict == "lower"
    sentence = better.sentence("the policy", "equal weight")
    assert sentence.startswith("the policy against equal weight: Sharpe ratio ")
    assert "higher (95% interval of the difference " in sentence
    assert "deepest fall " in sentence
    alike = compare(FIRST, SECOND).of("sharpe")
    assert alike.verdict == "not distinguishable"
    assert alike.lower < 0 < alike.upper


def test_the_other_way_round_is_the_mirror():
    one, other = compare(FIRST, SECOND, TRADED), compare(SECOND, FIRST, TRADED[::-1])
    for there, back in zip(one.differences, other.differences, strict=True):
        assert (there.lower, there.upper) == pytest.approx((-back.upper, -back.lower), rel=1e-9)


def test_a_seed_says_it_all_and_another_says_nearly_the_same():
    assert compare(FIRST, SECOND, seed=3) == compare(FIRST, SECOND, seed=3)
    one, other = (compare(FIRST, SECOND, seed=seed, paths=2000).of("sharpe") for seed in (1, 2))
    assert one.lower != other.lower
    assert one.lower == pytest.approx(other.lower, abs=0.1 * (one.upper - one.lower))


def test_the_same_run_twice_differs_by_nothing():
    found = compare(FIRST, FIRST, (TRADED[0], TRADED[0]))
    for each in found.differences:
        assert (each.difference, each.lower, each.upper, each.verdict) == (0, 0, 0, "not distinguishable")


def test_a_run_that_lost_all_and_one_in_cash_are_compared_all_the_same():
    ruined = FIRST.copy()
    ruined[300:] = 0.0
    ruined[300] = -1.0
    found = compare(ruined, np.zeros(700))
    assert found.of("max_drawdown").first == 1.0
    assert found.of("growth").first == -1.0
    assert found.of("sharpe").verdict == "not defined"
    assert "Sharpe ratio: not defined" in found.sentence("a", "b")


@pytest.mark.parametrize(
    ("changed", "error", "reason"),
    [
        ({"second": SECOND[:5]}, ArgumentError, "first has 700 rows and second has 5"),
        ({"first": FIRST[:10], "second": SECOND[:10]}, MissingDataError, "first has too few complete rows, 10"),
        ({"first": np.r_[np.nan, FIRST[1:]]}, MissingDataError, "first has no value at position 1"),
        ({"second": np.r_[-1.5, FIRST[1:]]}, ArgumentError, "second is -1.5 at row 1; no more than all"),
        ({"paths": 10}, ArgumentError, "paths is 10"),
        ({"level": 1.0}, ArgumentError, "level is 1"),
        ({"periods_per_year": 0}, ArgumentError, "periods_per_year is 0"),
        ({"turnovers": (TRADED[0], TRADED[1][:4])}, ArgumentError, "turnovers has 4 values where 700"),
    ],
)
def test_bad_input(changed, error, reason):
    with pytest.raises(error, match=reason):
        compare(**{"first": FIRST, "second": SECOND, **changed})
