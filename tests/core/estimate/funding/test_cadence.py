"""When funding settled, read from where its rate changes: by hand, at random, and on what was really paid."""

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError
from core.estimate.funding.cadence import funding_cadence

NAN = np.nan
HOUR = np.timedelta64(3600, "s")


def clock(rows, step=HOUR, first="2024-03-01T00:00:00"):
    return np.datetime64(first, "s") + np.arange(rows) * step


def carried(count, every, seed=0, first=0, same=0.35):
    """Hourly rows of `count` settlements, each standing for `every` rows; a share of them repeats the one before."""
    random = np.random.default_rng(seed)
    rates = np.round(random.normal(1e-4, 1e-4, count), 8)
    for row in range(1, count):
        if random.uniform() < same:
            rates[row] = rates[row - 1]
    return np.repeat(rates, every)[first:], rates


@pytest.mark.parametrize("every", [2, 4, 8])
def test_a_carried_rate_is_taken_once_an_interval(every):
    rows, rates = carried(60, every)
    found = funding_cadence(clock(len(rows)), rows)
    assert (found.seen, found.hours) == ("carried", (every,))
    np.testing.assert_array_equal(found.settled_at, clock(len(rows))[::every])
    np.testing.assert_array_equal(found.rates, rates)


def test_a_rate_that_settles_in_each_row_is_taken_as_it_is():
    rates = np.round(np.random.default_rng(1).normal(0, 1e-4, 500), 8)
    found = funding_cadence(clock(500), rates)
    assert (found.seen, len(found.rates)) == ("settled", 500)


@given(seed=st.integers(0, 10_000), share=st.floats(0.02, 0.5), rows=st.integers(400, 1500))
def test_an_hourly_venue_that_pays_its_base_rate_for_days_is_no_carried_rate(seed, share, rows):
    random = np.random.default_rng(seed)
    rates = np.where(random.uniform(size=rows) < share, np.round(random.normal(0, 1e-4, rows), 8), 1.25e-5)
    found = funding_cadence(clock(rows), rates)
    assert found.seen == "settled"
    np.testing.assert_array_equal(found.rates, rates)


@given(
    seed=st.integers(0, 10_000),
    every=st.sampled_from([2, 4, 8]),
    phase=st.integers(0, 7),
    days=st.integers(30, 60),
    same=st.floats(0, 0.6),
)
def test_wherever_the_interval_begins_and_however_often_a_rate_repeats(seed, every, phase, days, same):
    rows, rates = carried(days * 24 // every, every, seed, phase % every, same)
    found = funding_cadence(clock(len(rows)), rows)
    assert (found.seen, found.hours) == ("carried", (every,))
    skipped = 0 if phase % every == 0 else 1
    np.testing.assert_array_equal(found.rates, rates[skipped:])


@given(seed=st.integers(0, 1000), drop=st.integers(1, 200))
def test_rows_that_are_absent_change_no_settlement_that_a_later_row_shows(seed, drop):
    rows, _ = carried(90, 8, seed)
    times = clock(len(rows))
    whole = funding_cadence(times, rows)
    kept = np.delete(np.arange(len(rows)), np.arange(300, 300 + drop % 8))
    found = funding_cadence(times[kept], rows[kept])
    np.testing.assert_array_equal(found.settled_at, whole.settled_at)
    np.testing.assert_array_equal(found.rates, whole.rates)


def test_blanks_between_settlements_are_left_out():
    rows = np.full(720, NAN)
    rows[::8] = carried(90, 1)[1]
    found = funding_cadence(clock(720), rows)
    assert (found.seen, len(found.rates)) == ("settled", 90)


def test_zeros_between_settlements_are_none_and_a_zero_that_settled_is_one():
    rows = np.zeros(720)
    rows[::8] = carried(90, 1)[1]
    rows[80] = 0.0
    found = funding_cadence(clock(720), rows)
    assert found.seen == "padded"
    np.testing.assert_array_equal(found.settled_at, clock(720)[::8])
    np.testing.assert_allclose(found.rates.sum(), rows.sum())


def test_rates_that_change_at_irregular_times_are_taken_row_by_row():
    random = np.random.default_rng(5)
    changes = np.sort(random.choice(np.arange(1, 720), 60, replace=False))
    rows = np.round(random.normal(0, 1e-4, 61), 8)[np.searchsorted(changes, np.arange(720), side="right")]
    assert funding_cadence(clock(720), rows).seen == "settled"


def test_no_venue_settles_more_often_than_each_hour():
    random = np.random.default_rng(5)
    quarter = np.timedelta64(900, "s")
    found = funding_cadence(clock(2000, quarter), np.round(random.normal(0, 1e-4, 2000), 8))
    assert found.seen == "irregular"
    rows, rates = carried(90, 32)
    found = funding_cadence(clock(len(rows), quarter), rows)
    assert (found.seen, found.hours) == ("carried", (8,))
    np.testing.assert_array_equal(found.rates, rates)


def test_the_interval_may_change_and_is_followed():
    slow, slow_rates = carried(60, 8, 1)
    quick, quick_rates = carried(200, 1, 2, same=0.0)
    found = funding_cadence(clock(len(slow) + len(quick)), np.concatenate([slow, quick]))
    assert found.seen == "carried"
    assert len(found.rates) == pytest.approx(len(slow_rates) + len(quick_rates), abs=4)


@pytest.mark.parametrize("rows", [24, 72])
def test_too_short_a_history_is_unclear(rows):
    found = funding_cadence(clock(rows), np.full(rows, 1e-4))
    assert (found.seen, found.hours, len(found.rates)) == ("unclear", (8,), rows)


def test_a_short_history_that_speaks_for_a_carried_rate_is_read_so():
    rows, rates = carried(8, 8, same=0.0)
    found = funding_cadence(clock(len(rows)), rows)
    assert (found.seen, found.hours) == ("unclear", (8,))
    np.testing.assert_array_equal(found.rates, rates)


def test_settlements_each_eight_hours_are_never_unclear():
    found = funding_cadence(clock(90, 8 * HOUR), np.full(90, 1e-4))
    assert (found.seen, len(found.rates)) == ("settled", 90)


def test_no_rate_but_zero_needs_no_reading():
    assert funding_cadence(clock(50), np.zeros(50)).seen == "settled"


def test_what_the_desk_says_goes():
    rows, _ = carried(60, 8)
    assert len(funding_cadence(clock(len(rows)), rows, "settled").rates) == len(rows)
    flat = funding_cadence(clock(240), np.full(240, 1e-4), "carried")
    assert (flat.seen, flat.hours, len(flat.rates)) == ("carried", (8,), 30)
    predicted = np.round(np.random.default_rng(1).normal(0, 1e-4, 240), 8)
    found = funding_cadence(clock(240), predicted, "carried")
    np.testing.assert_array_equal(found.rates, predicted[::8])


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "SOLUSDT"])
def test_a_real_carried_rate_gives_back_what_was_paid(shared_data, symbol):
    """`funding_rate_asof` repeats hourly what `funding_settle` paid: each 8 hours, for SOL each 2 in November 2022."""
    frame = pandas.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet")
    shown = frame["funding_rate_asof"].notna()
    paid = frame.loc[shown, "funding_settle"].dropna()
    times = frame.index.tz_localize(None).to_numpy()
    found = funding_cadence(times, frame["funding_rate_asof"].to_numpy())
    assert found.seen == "carried"
    assert found.hours == ((8, 4, 2) if symbol == "SOLUSDT" else (8,))
    np.testing.assert_array_equal(found.settled_at, paid.index.tz_localize(None).to_numpy().astype("datetime64[s]"))
    np.testing.assert_array_equal(found.rates, paid.to_numpy())


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "SOLUSDT"])
@pytest.mark.parametrize("filler", [NAN, 0.0])
def test_real_settlements_are_left_as_they_are(shared_data, symbol, filler):
    frame = pandas.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet")
    paid = frame["funding_settle"]
    found = funding_cadence(frame.index.tz_localize(None).to_numpy(), paid.fillna(filler).to_numpy())
    np.testing.assert_array_equal(found.rates, paid.dropna().to_numpy())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"times": clock(3)}, "times has 3 rows and rates has 4"),
        ({"times": clock(4)[::-1]}, "times must increase"),
        ({"reading": "guess"}, "reading 'guess' is not known"),
        ({"rates": [1e-4, np.inf, 1e-4, 1e-4]}, "rates is infinite"),
    ],
)
def test_bad_input_is_refused_by_name(changes, words):
    with pytest.raises(ArgumentError, match=words):
        funding_cadence(**({"times": clock(4), "rates": [1e-4, 2e-4, 1e-4, 3e-4]} | changes))


def test_nothing_gives_nothing():
    assert len(funding_cadence(clock(0), []).rates) == 0
    assert len(funding_cadence(clock(3), [NAN, NAN, NAN]).rates) == 0
    assert funding_cadence(clock(3), [NAN, 1e-4, NAN]).rates.tolist() == [1e-4]
