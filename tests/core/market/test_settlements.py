"""How long a settlement stands for: what is unknown of funding is never counted as time without funding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.panel import Panel

NAN = np.nan


def panel(funding, hours=None, prices=None, bar_hours=1.0, unread=None):
    funding = np.asarray(funding, dtype=float).reshape(len(funding), -1)
    hours = np.arange(len(funding)) if hours is None else np.asarray(hours)
    times = np.datetime64("2024-01-01T00:00:00") + hours * np.timedelta64(3600, "s")
    prices = np.full(funding.shape, 100.0) if prices is None else prices
    names = tuple(f"C{number}" for number in range(funding.shape[1]))
    return Panel(times, names, prices, funding, bar_hours, unread)


def paid(days, every, rate, first_day=0):
    """Hourly rows of so many days, a rate each `every` hours from the morning after `first_day` on."""
    funding = np.full(days * 24 + 1, NAN)
    funding[first_day * 24 + every :: every] = rate
    return funding


def test_funding_on_34_of_365_days_is_that_of_those_days():
    rate = -0.0276 / 3 / 100 * 10
    known = panel(paid(365, 8, rate, first_day=331))
    assert known.funding_annual()[0] == pytest.approx(rate * 3 * 365, rel=1e-12)
    assert known.funding_coverage()[0] == pytest.approx(34 / 365, rel=1e-12)
    whole = panel(paid(365, 8, rate))
    assert known.funding_annual()[0] == pytest.approx(whole.funding_annual()[0], rel=1e-12)
    assert whole.funding_coverage()[0] == pytest.approx(1.0, rel=1e-12)


def test_funding_that_ends_early_is_that_of_its_days():
    funding = paid(365, 8, 1e-4)
    funding[34 * 24 + 1 :] = NAN
    assert panel(funding).funding_annual()[0] == pytest.approx(1e-4 * 1095, rel=1e-12)
    assert panel(funding).funding_coverage()[0] == pytest.approx(34 / 365, rel=1e-12)


def test_a_month_of_silence_in_between_is_not_covered():
    funding = paid(90, 8, 1e-4)
    funding[30 * 24 + 1 : 60 * 24 + 1] = NAN
    assert panel(funding).funding_annual()[0] == pytest.approx(1e-4 * 1095, rel=1e-12)


def test_a_settlement_that_is_late_by_less_than_a_day_stands_for_all_its_time():
    found = panel([NAN, NAN, 0.02, NAN, NAN, NAN, 0.04], bar_hours=1.0).settlements()
    np.testing.assert_array_equal(found.hours[:, 0], [NAN, NAN, 4, NAN, NAN, NAN, 4])


def test_a_rate_that_cannot_be_read_takes_its_time_with_it():
    funding = paid(30, 8, 1e-4)
    unread = np.zeros((len(funding), 1), dtype=bool)
    funding[80], unread[80, 0] = NAN, True
    found = panel(funding, unread=unread)
    assert found.funding_annual()[0] == pytest.approx(1e-4 * 1095, rel=1e-12)
    assert found.funding_coverage()[0] == pytest.approx(89 / 90, rel=1e-12)


def test_no_settlement_is_none_paid_and_none_known():
    found = panel(np.full(100, NAN))
    assert (found.funding_annual()[0], found.funding_coverage()[0]) == (0.0, 0.0)


def test_a_rate_of_zero_is_known():
    assert panel(paid(10, 8, 0.0)).funding_coverage()[0] == pytest.approx(1.0)


def test_each_settlement_keeps_the_pace_of_its_own_time():
    funding = np.full(73, NAN)
    funding[1:25], funding[32::8] = 1.25e-5, 1e-4
    hours = panel(funding).settlements().hours[:, 0]
    assert hours[1:25].tolist() == [1.0] * 24
    assert hours[[32, 40, 48, 56, 64, 72]].tolist() == [8.0] * 6
    assert panel(funding).funding_annual()[0] == pytest.approx(0.1095, rel=1e-12)


def test_weekly_bars_are_no_silence():
    found = panel([NAN, 0.002, 0.002], hours=[0, 168, 336], bar_hours=168.0)
    assert found.funding_annual()[0] == pytest.approx(0.004 * 8760 / 336)


@given(
    every=st.sampled_from([1, 2, 4, 8]),
    days=st.integers(2, 20),
    late=st.integers(1, 300),
    rate=st.floats(-0.01, 0.01, allow_subnormal=False),
)
def test_days_of_which_nothing_is_known_change_nothing(every, days, late, rate):
    funding = np.concatenate([np.full(24 * late, NAN), paid(days, every, rate)])
    assert panel(funding).funding_annual()[0] == pytest.approx(rate * 8760 / every, rel=1e-9, abs=1e-15)


def test_each_contract_is_its_own():
    both = np.column_stack([paid(365, 8, 1e-4), paid(365, 1, 2e-5, first_day=300)])
    np.testing.assert_allclose(panel(both).funding_annual(), [1e-4 * 1095, 2e-5 * 8760], rtol=1e-12)


def test_a_settlement_that_is_due_with_the_last_close_is_no_silence():
    funding = paid(30, 8, 1e-4)
    funding[-1] = NAN
    assert panel(funding).funding_annual()[0] == pytest.approx(89e-4 * 8760 / 720, rel=1e-12)
    assert panel(funding).funding_coverage()[0] == 1.0
