"""Funding: annualised means, and settlements summed into the bars they fall in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.market.funding import annualised_funding, settle_into_bars

START = np.datetime64("2022-11-09T00:00", "s")


def hours(*values):
    return START + np.array(values, dtype=float) * np.timedelta64(3600, "s")


class TestAnnualised:
    def test_the_mean_rate_is_paid_at_every_settlement_of_365_days(self):
        np.testing.assert_allclose(annualised_funding([[1e-4, 0.0], [3e-4, -2e-4]]), [2e-4 * 1095, -1e-4 * 1095])

    def test_two_hour_settlements_are_twelve_a_day(self):
        assert annualised_funding([1e-4], 12)[0] == pytest.approx(1e-4 * 12 * 365, rel=1e-15)

    def test_compounding_reinvests_each_settlement(self):
        assert annualised_funding([1e-4], 3, compound=True)[0] == pytest.approx(1.0001**1095 - 1, rel=1e-12)

    def test_compounding_a_tiny_rate_keeps_its_digits(self):
        assert annualised_funding([1e-15], 1, compound=True)[0] == pytest.approx(365e-15, rel=1e-12)

    def test_a_missing_rate_is_left_out_and_not_read_as_zero(self):
        assert annualised_funding([1e-4, np.nan, 3e-4], 1)[0] == pytest.approx(2e-4 * 365)

    def test_a_contract_without_rates_is_missing_and_said(self):
        with pytest.warns(DataWarning, match="column 2 holds no rate"):
            annual = annualised_funding([[1e-4, np.nan], [1e-4, np.nan]], 1)
        assert annual[0] == pytest.approx(365e-4)
        assert np.isnan(annual[1])

    @pytest.mark.parametrize(
        ("arguments", "error", "words"),
        [
            (([np.nan, np.nan],), MissingDataError, "rates has too few"),
            (([1e-4], 0), ArgumentError, "settlements_per_day is 0; it must be above 0"),
            (([1e-4], "x"), ArgumentError, "settlements_per_day must be a number"),
            (([-1.0], 3, True), UndefinedError, "at or below -100 %"),
            (([1.0], 3, True), UndefinedError, "compound beyond any number"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, arguments, error, words):
        with pytest.raises(error, match=words):
            annualised_funding(*arguments)


class TestSettleIntoBars:
    def test_a_settlement_at_the_close_belongs_to_the_bar_that_ends_there(self):
        settled = settle_into_bars(hours(8, 8.01), [1e-4, 5e-4], hours(7, 8, 9))
        np.testing.assert_array_equal(settled, [np.nan, 1e-4, 5e-4])

    def test_settlements_of_one_bar_are_summed(self):
        settled = settle_into_bars(hours(2, 4, 6, 8), [-0.02, -0.02, -0.01, 0.001], hours(0, 8))
        np.testing.assert_allclose(settled, [np.nan, -0.049], rtol=1e-14)

    def test_the_first_bar_takes_one_bar_length(self):
        settled = settle_into_bars(hours(7, 8), [9.0, 1e-4], hours(8, 9, 10))
        np.testing.assert_array_equal(settled, [1e-4, np.nan, np.nan])

    def test_a_hole_in_the_clock_pays_all_it_spans(self):
        settled = settle_into_bars(hours(8, 16), [1e-4, 2e-4], hours(6, 7, 17))
        np.testing.assert_allclose(settled[2], 3e-4)

    def test_what_lies_outside_the_bars_is_left_out(self):
        assert np.isnan(settle_into_bars(hours(-5, 20), [1e-4, 1e-4], hours(1, 2, 3))).all()

    def test_a_rate_of_zero_is_settled_and_a_missing_one_is_not(self):
        np.testing.assert_array_equal(settle_into_bars(hours(1, 2), [0.0, np.nan], hours(1, 2)), [0.0, np.nan])

    def test_no_settlements_leave_every_bar_blank(self):
        assert np.isnan(settle_into_bars(hours(), [], hours(1, 2))).all()

    def test_units_of_time_may_differ(self):
        settled = settle_into_bars(hours(8).astype("datetime64[ms]"), [1e-4], hours(8, 9).astype("datetime64[m]"))
        assert settled[0] == 1e-4

    @given(st.lists(st.integers(1, 240), unique=True, max_size=60), st.integers(1, 24))
    def test_every_settlement_inside_lands_in_exactly_one_bar(self, instants, bar):
        closes = hours(*range(bar, 240 + bar, bar))
        rates = np.linspace(1, 2, len(instants))
        settled = settle_into_bars(hours(*instants), rates, closes)
        assert np.nansum(settled) == pytest.approx(rates.sum())

    @given(st.permutations(list(range(1, 25))))
    def test_the_order_of_settlements_does_not_matter(self, order):
        rates = np.arange(24) * 1e-4
        position = np.array(order) - 1
        shuffled = settle_into_bars(hours(*order), rates[position], hours(8, 16, 24))
        np.testing.assert_allclose(shuffled, settle_into_bars(hours(*range(1, 25)), rates, hours(8, 16, 24)))

    @pytest.mark.parametrize(
        ("arguments", "error", "words"),
        [
            ((hours(1, 2), [0.1], hours(1, 2)), ArgumentError, "settled_at has 2 times and rates has 1"),
            ((hours(1, 1), [0.1, 0.1], hours(1, 2)), ArgumentError, "settled_at holds 2022-11-09T01:00:00 more than"),
            ((hours(1), [0.1], hours(2, 1)), ArgumentError, "closes_at must increase"),
            ((hours(1), [0.1], hours(1, 1)), ArgumentError, "closes_at must increase"),
            ((hours(1), [0.1], hours(1)), MissingDataError, "closes_at has too few"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, arguments, error, words):
        with pytest.raises(error, match=words):
            settle_into_bars(*arguments)
