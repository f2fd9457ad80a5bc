"""The rolling slopes of numpy and of the compiled loops: one and the same."""

import math

import numpy as np
import pytest

from core.estimate.beta import rolling_loops as kernels


def sample(rows, columns=5, gaps=0.0, seed=4):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0002, 0.01, rows)
    assets = np.outer(market, np.linspace(-1, 2, columns)) + rng.normal(0, 0.02, (rows, columns))
    assets[rng.random(assets.shape) < gaps] = np.nan
    market[rng.random(rows) < gaps / 2] = np.nan
    return assets, market


@pytest.mark.parametrize(("rows", "window"), [(2, 2), (7, 3), (40, 40), (41, 40), (80, 40), (100, 33), (39, 40)])
@pytest.mark.parametrize("gaps", [0.0, 0.1])
@pytest.mark.parametrize("needed", [2, 33])
def test_numpy_and_the_loops_agree(rows, window, gaps, needed):
    needed = min(needed, window)
    assets, market = sample(rows, gaps=gaps)
    ours, said = kernels._by_numpy(assets, market, window, needed)
    loops, also_said = kernels._by_loop(assets, market, window, needed)
    np.testing.assert_allclose(loops, ours, rtol=1e-11, atol=1e-13)
    # The loops cannot tell a gap from a window that is not full; the word that counts is False.
    assert also_said or not said


def test_both_loops_agree_where_nothing_is_missing():
    assets, market = sample(300)
    slopes = np.empty_like(assets)
    kernels.compiled(kernels._pairwise_loop)(
        assets, market, 50, 20, kernels.ROUNDING_OF_SQUARES, kernels.ROUNDING, slopes
    )
    np.testing.assert_allclose(slopes, kernels._by_loop(assets, market, 50, 20)[0], rtol=1e-11, atol=1e-13)


def test_a_flat_market_is_missing_in_both():
    assets, market = sample(60)
    market[10:40] = 0.01
    for answer in (kernels._by_numpy, kernels._by_loop):
        slopes, _ = answer(assets, market, 12, 12)
        np.testing.assert_array_equal(np.flatnonzero(np.isnan(slopes[:, 0])), [*range(11), *range(21, 40)])


def test_a_flat_market_is_missing_beside_gaps_where_a_block_begins():
    assets, market = sample(60)
    market[10:40] = 0.1
    market[[12, 24]] = assets[[12, 36], 1] = np.nan
    for answer in (kernels._by_numpy, kernels._by_loop):
        slopes, _ = answer(assets, market, 12, 8)
        np.testing.assert_array_equal(np.flatnonzero(np.isnan(slopes[:, 0])), [*range(7), *range(21, 40)])


def exact_slopes(assets, market, window, rows):
    """Each window afresh, about its means, every sum exact."""
    found = []
    for t in rows:
        x, block = market[t - window + 1 : t + 1], assets[t - window + 1 : t + 1]
        x = x - math.fsum(x) / window
        variation = math.fsum(x * x)
        found.append([math.fsum(x * (y - math.fsum(y) / window)) / variation for y in block.T])
    return np.array(found)


@pytest.mark.parametrize("answer", [kernels._by_numpy, kernels._by_loop])
@pytest.mark.parametrize(
    ("scale", "level", "market_level"), [(1, 0, 0), (1e-3, 0, 0), (1, 20, 0), (1, 0, 10), (1e-3, -0.02, 0.01)]
)
def test_windows_are_exact_after_a_bad_tick_and_far_from_zero(answer, scale, level, market_level):
    """Returns of 1e-2 and of 1e-5 an hour, a thousand standard deviations from zero, behind ticks of 1e8."""
    assets, market = sample(400)
    assets, market = scale * assets + level, scale * market + market_level
    assets[30, 1], assets[99, 3], market[63] = 1e8, -1e8, 1e8
    rows = range(163, 400)
    slopes, _ = answer(assets, market, 64, 64)
    np.testing.assert_allclose(slopes[rows], exact_slopes(assets, market, 64, rows), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("answer", [kernels._by_numpy, kernels._by_loop])
@pytest.mark.parametrize("size", [30.0, 1e4, 1e8])
def test_a_wild_first_row_of_a_block_costs_its_windows_few_digits(answer, size):
    assets, market = sample(300)
    assets[128, 1] = market[128] = size * 0.01
    rows = range(128, 192)
    slopes, _ = answer(assets, market, 64, 64)
    np.testing.assert_allclose(slopes[rows], exact_slopes(assets, market, 64, rows), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("place", ["assets", "market"])
@pytest.mark.parametrize("row", [0, 19, 20, 59, 60, 63])
def test_the_loops_see_a_gap_wherever_it_is(place, row):
    assets, market = sample(64)
    if place == "assets":
        assets[row, 2] = np.nan
    else:
        market[row] = np.nan
    slopes, gaps = kernels._by_loop(assets, market, 20, 15)
    assert gaps
    np.testing.assert_allclose(slopes, kernels._by_numpy(assets, market, 20, 15)[0], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("order", ["F", "strided"])
def test_the_layout_of_the_block_does_not_matter(order):
    assets, market = sample(90)
    laid_out = np.asfortranarray(assets) if order == "F" else np.repeat(assets, 2, axis=1)[:, ::2]
    np.testing.assert_array_equal(
        kernels._by_loop(laid_out, market, 20, 20)[0], kernels._by_loop(assets, market, 20, 20)[0]
    )


def test_the_switch_decides_by_the_size_of_the_work(monkeypatch):
    asked = []
    monkeypatch.setattr(kernels, "worth_compiling", lambda elements: asked.append(elements) or False)
    monkeypatch.setattr(kernels, "_by_loop", None)
    kernels.rolling_slopes(*sample(50), 10, 10)
    assert asked == [kernels.PASSES * 50 * 5]
