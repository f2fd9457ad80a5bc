"""Capital: the smallest equity that survives, to the last digit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.tiers import Tiers
from core.verify.stress.capital import capital_needed
from tests.verify_by_parts import stress

NAN = np.nan
TIERS = Tiers([0, 50, 200], [50, 200, NAN], [0.005, 0.02, 0.06], [NAN] * 3, [50, 25, 10])

pytestmark = pytest.mark.filterwarnings("ignore:the account lacks")


def test_by_hand():
    result = capital_needed(stress([3], [100], [1], 100, [-0.5, 0.1], 0.05))
    # Down by half: 150 lost, and 7.5 to stay open. Up: what it takes now.
    np.testing.assert_allclose(result.needed, [157.5, 15])
    assert (result.every, result.missing, result.worst) == (157.5, 57.5, 0)


def test_isolated_and_cross_each_need_their_own():
    result = capital_needed(stress([1, -1], [100, 100], [1, 1], 100, [-0.2, 0.3], 0.05, isolated=[20, NAN]))
    np.testing.assert_allclose(result.isolated, [20 + 4, NAN])
    np.testing.assert_allclose(result.cross, [5, 30 + 6.5])
    assert result.every == pytest.approx(24 + 36.5)
    np.testing.assert_allclose(result.needed, [24 + 5, 5 + 36.5])


def test_a_stop_caps_what_is_needed():
    result = capital_needed(stress([3], [100], [1], 100, -0.5, 0.05, stops=[90]))
    np.testing.assert_allclose(result.needed, [30 + 13.5])


def test_what_a_stop_brings_backs_the_rest():
    # In the rise the short is stopped at a loss of 10, and the long has earned as much by then.
    result = capital_needed(stress([1, -1], [100, 100], [1, 1], 50, 0.4, 0.0, stops=[NAN, 110]))
    np.testing.assert_allclose(result.needed, [0], atol=1e-12)


quantity = st.integers(-5000, 5000).map(lambda thousandths: thousandths / 1000)
books = st.lists(st.tuples(quantity, st.floats(0.5, 50), st.floats(-1, 2.5)), min_size=1, max_size=6)


@given(books, st.floats(-0.9, 0.9), st.floats(-0.02, 0.02), st.booleans(), st.booleans())
def test_it_survives_with_it_and_not_with_a_breath_less(book, shock, funding, tiered, stopped):
    quantities, prices, betas = np.transpose(book)
    account = {"tiers": TIERS if tiered else None}
    if stopped:
        account["stops"] = np.where(np.arange(len(book)) % 2, NAN, prices * (1 - 0.1 * np.sign(quantities)))
    needed = capital_needed(stress(quantities, prices, betas, 1.0, shock, 0.01, funding, **account)).needed[0]
    gross = np.abs(quantities * prices).sum()
    if needed < 1e-3 * gross or gross == 0:
        return
    enough, short = (
        stress(quantities, prices, betas, needed * times, shock, 0.01, funding, **account)
        for times in (1 + 1e-8, 1 - 1e-8)
    )
    assert (enough.liquidated[0], short.liquidated[0] > 0) == (0, True)


def test_blocks_do_not_show(monkeypatch):
    rng = np.random.default_rng(1)
    result = stress(rng.normal(0, 1, 9), np.ones(9), np.ones(9), 5, rng.normal(0, 0.2, 50))
    whole = capital_needed(result)
    monkeypatch.setattr("core.verify.blocks.BLOCK", 20)
    np.testing.assert_array_equal(capital_needed(result).needed, whole.needed)
