"""Black-76: published examples, QuantLib's and vollib's figures, put-call parity, and what is left at the limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError
from core.market.black_76 import black_76, black_76_price

FORWARDS = st.floats(0.01, 1e5)
MONEYNESS = st.floats(0.2, 5)
YEARS = st.floats(1e-3, 3)
VOLATILITIES = st.floats(0.02, 3)
RATES = st.floats(-0.05, 0.2)

OTHER_LIBRARIES = [
    # forward, strike, years, volatility, call, rate: price, delta, gamma, vega (QuantLib 1.44, BlackCalculator), theta
    # (vollib 1.0, black.greeks.analytical, times 365)
    (19, 19, 0.75, 0.28, 1, 0.1, 1.701050725236268, 0.5086362359336518, 0.07974503467912114, 6.045471079024173),
    (19, 19, 0.75, 0.28, 0, 0.1, 1.701050725236268, -0.4191072503949011, 0.07974503467912114, 6.045471079024173),
    (105, 100, 0.5, 0.36, 1, 0.1, 12.432844508202189, 0.5946286597299956, 0.013493637110520632, 26.778122845828197),
    (105, 100, 0.5, 0.36, 0, 0.1, 7.676697385698619, -0.35660076477071845, 0.013493637110520632, 26.778122845828197),
    (6e4, 5e4, 30 / 365, 0.55, 0, 0.04, 526.7845084047617, -0.10803806636019474, 1.9601711931e-05, 3189.977229337707),
    (6e4, 8e4, 0.25, 0.7, 1, 0.0, 2778.3779154556887, 0.2588325473786961, 1.5410097048e-05, 9708.361140771027),
    (100, 100, 1 / 365, 1.5, 1, 0.05, 3.1310057376471914, 0.5155865402286486, 0.0507657845016, 2.0862651165042276),
    (0.5, 0.8, 2.0, 0.9, 0, 0.03, 0.4490582833551726, -0.3717012104613993, 0.5696787474945, 0.2563554363725238),
]
THETAS = [
    -0.9583828622275523,
    -0.9583828622275522,
    -8.396839773677929,
    -8.872454485928285,
    -10652.060766156215,
    -13591.705597079437,
    -570.9585253561501,
    -0.044208224683162656,
]


def test_published_examples():
    # Haug (2007), 1.1.3: an option on oil futures, F = X = 19, nine months, 28 %, rate 10 %: 1.7011, call and put.
    assert black_76_price(19, 19, 0.75, 0.28, [1, 0], 0.10) == pytest.approx([1.7011, 1.7011], abs=5e-5)
    # Haug (2007), 2.1.1: delta of an option on a commodity future, F = 105, X = 100: 0.5946 and -0.3566.
    assert black_76(105, 100, 0.5, 0.36, [1, 0], 0.10).delta == pytest.approx([0.5946, -0.3566], abs=5e-5)
    # Hull, Options, Futures, and Other Derivatives, 18.8: a put on a crude future, F = K = 20, four months, 25 %, 9 %.
    assert float(black_76_price(20, 20, 4 / 12, 0.25, 0, 0.09)) == pytest.approx(1.12, abs=5e-3)


def test_figures_of_other_libraries():
    table = np.array(OTHER_LIBRARIES)
    found = black_76(*table[:, :6].T)
    assert found.price == pytest.approx(table[:, 6], rel=1e-12)
    assert found.delta == pytest.approx(table[:, 7], rel=1e-12)
    assert found.gamma == pytest.approx(table[:, 8], rel=1e-10)
    assert found.vega == pytest.approx(table[:, 9], rel=1e-12)
    assert found.theta == pytest.approx(THETAS, rel=1e-12)


def test_the_price_is_the_mean_of_what_exercise_brings():
    # Gauss-Hermite in the log of the forward, of a payoff whose kink is cut out by splitting at the strike.
    nodes, weights = np.polynomial.legendre.leggauss(400)
    forward, strike, years, volatility, rate = 60_000.0, 65_000.0, 0.4, 0.7, 0.04
    spread = volatility * np.sqrt(years)
    kink = (np.log(strike / forward) + spread**2 / 2) / spread
    z = kink + (nodes + 1) / 2 * (12 - kink)
    brought = forward * np.exp(spread * z - spread**2 / 2) - strike
    mean = (weights * brought * np.exp(-(z**2) / 2)).sum() / np.sqrt(2 * np.pi) * (12 - kink) / 2
    found = float(black_76_price(forward, strike, years, volatility, 1, rate))
    assert found == pytest.approx(np.exp(-rate * years) * mean, rel=1e-10)


@given(FORWARDS, MONEYNESS, YEARS, VOLATILITIES, RATES)
def test_put_call_parity(forward, moneyness, years, volatility, rate):
    strike, discount = forward * moneyness, np.exp(-rate * years)
    found = black_76(forward, strike, years, volatility, [1, 0], rate)
    call, put = found.price
    assert call - put == pytest.approx(discount * (forward - strike), abs=1e-11 * (forward + strike))
    assert found.delta[0] - found.delta[1] == pytest.approx(discount, rel=1e-11)
    assert found.gamma[0] == found.gamma[1]
    assert found.vega[0] == found.vega[1]


@given(FORWARDS, MONEYNESS, YEARS, VOLATILITIES, st.sampled_from([0, 1]))
def test_worth_more_with_volatility_and_never_less_than_exercise(forward, moneyness, years, volatility, call):
    strike = forward * moneyness
    low, high = black_76_price(forward, strike, years, [volatility, 1.5 * volatility], call)
    exercised = max((forward - strike) if call else (strike - forward), 0.0)
    slack = 1e-12 * (forward + strike)
    assert exercised - slack <= low <= high + slack
    assert high <= (forward if call else strike) + slack


@given(FORWARDS, st.floats(0.5, 2), st.floats(0.02, 2), st.floats(0.2, 2), st.sampled_from([0, 1]), RATES)
def test_sensitivities_are_slopes_of_the_price(forward, moneyness, years, volatility, call, rate):
    terms = (forward * moneyness, years, volatility, call, rate)
    found, step = black_76(forward, *terms), 1e-4

    def price(change=0.0, later=0.0, more=0.0):
        return float(
            black_76_price(
                forward * (1 + change), forward * moneyness, years * (1 - later), volatility * (1 + more), call, rate
            )
        )

    up, down = price(change=step), price(change=-step)
    slack = 2e-6 * forward
    assert found.delta * forward == pytest.approx((up - down) / (2 * step), abs=slack)
    assert found.vega * volatility == pytest.approx((price(more=step) - price(more=-step)) / (2 * step), abs=slack)
    passing = (price(later=step) - price(later=-step)) / (2 * step)
    assert found.theta * years == pytest.approx(passing, abs=slack)
    slope = (black_76(forward * (1 + step), *terms).delta - black_76(forward * (1 - step), *terms).delta) / (2 * step)
    assert found.gamma * forward == pytest.approx(slope, abs=1e-4)


@pytest.mark.parametrize(("years", "volatility"), [(0.0, 0.8), (0.5, 0.0)])
def test_at_expiry_and_without_volatility_what_exercise_brings_is_left(years, volatility):
    forwards, calls = np.array([90.0, 110.0])[:, np.newaxis], np.array([1, 0])
    found, discount = black_76(forwards, 100.0, years, volatility, calls, 0.1), np.exp(-0.1 * years)
    assert found.price == pytest.approx(discount * np.array([[0, 10], [10, 0]]), abs=1e-12)
    assert found.delta == pytest.approx(discount * np.array([[0, -1], [1, 0]]), abs=1e-15)
    assert (found.gamma == 0).all()
    assert (found.vega == 0).all()
    assert found.theta == pytest.approx(0.1 * found.price)


def test_the_limit_is_approached_without_a_jump():
    at_once = black_76_price([90.0, 110.0], 100.0, 0.0, 0.8, [0, 1])
    assert black_76_price([90.0, 110.0], 100.0, 1e-9, 0.8, [0, 1]) == pytest.approx(at_once, rel=1e-12)


def test_a_forward_of_nothing_leaves_a_put_its_strike():
    found = black_76(0.0, 100.0, 0.5, 0.8, [1, 0], 0.1)
    assert found.price == pytest.approx([0.0, 100 * np.exp(-0.05)])
    assert found.delta == pytest.approx([0.0, -np.exp(-0.05)])
    assert found.gamma == pytest.approx([0.0, 0.0])


def test_arguments_broadcast():
    assert black_76_price([[90.0], [100.0], [110.0]], [95.0, 105.0], 0.5, 0.8, [1, 0]).shape == (3, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"forward": -1.0}, "forward is -1; it must be at least 0"),
        ({"strike": [100.0, 0.0]}, "strike is 0 at position 2; it must be above 0"),
        ({"years": -0.1}, "years is -0.1"),
        ({"volatility": -0.5}, "volatility is -0.5"),
        ({"call": 0.5}, "call is 0.5; it must be 1 for a call or 0 for a put"),
        ({"strike": [1.0, 2.0], "years": [0.1, 0.2, 0.3]}, "shapes do not fit"),
    ],
)
def test_bad_arguments_are_named(change, words):
    terms = {"forward": 100.0, "strike": 100.0, "years": 0.5, "volatility": 0.8, "call": 1, "rate": 0.0}
    with pytest.raises(ArgumentError, match=words):
        black_76(**{**terms, **change})


def test_a_gap_is_named():
    with pytest.raises(MissingDataError, match="volatility has no value"):
        black_76(100.0, 100.0, 0.5, np.nan, 1)
