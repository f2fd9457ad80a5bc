"""Implied volatility: what Black-76 was given comes back, and a price that none explains is refused."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import ArgumentError
from core.estimate.volatility.implied import implied_volatility
from core.market.black_76 import black_76, black_76_price


@given(st.floats(0.01, 1e5), st.floats(0.5, 2), st.floats(0.01, 2), st.floats(0.1, 3), st.booleans())
def test_the_volatility_of_a_price_is_that_which_made_it(forward, moneyness, years, volatility, call):
    terms = (forward, forward * moneyness, years)
    found = black_76(*terms, volatility, float(call), 0.04)
    assume(float(found.vega) > 1e-4 * forward)  # where volatility moves nothing, no price tells it
    implied = implied_volatility(float(found.price), *terms, call=call, rate=0.04)
    assert implied == pytest.approx(volatility, rel=1e-8)


def test_the_published_price_of_haug_tells_its_volatility():
    assert implied_volatility(1.7011, 19, 19, 0.75, call=True, rate=0.10) == pytest.approx(0.28, abs=2e-5)


@pytest.mark.parametrize("price", [9.9, 110.5])
def test_a_price_that_no_volatility_explains_is_refused(price):
    with pytest.raises(ArgumentError, match=r"price is .* worth more than 10 and less than"):
        implied_volatility(price, 110.0, 100.0, 0.5, call=True)


def test_bad_arguments_are_named():
    with pytest.raises(ArgumentError, match="price is 0; it must be above 0"):
        implied_volatility(0.0, 110.0, 100.0, 0.5, call=True)
    with pytest.raises(ArgumentError, match="years is 0; it must be above 0"):
        implied_volatility(1.0, 110.0, 100.0, 0.0, call=True)


def test_the_price_at_what_is_found_is_the_price_paid():
    terms = (60_000.0, 45_000.0, 30 / 365)
    found = implied_volatility(120.0, *terms, call=False)
    assert float(black_76_price(*terms, found, 0)) == pytest.approx(120.0, rel=1e-9)
