"""Guards: what they let through, what they refuse, and that the message names the argument."""

import numpy as np
import pytest

from core import checks
from core.errors import ArgumentError, DataWarning, MissingDataError

NAN = np.nan


class TestMatrix:
    def test_one_dimension_becomes_one_column(self):
        assert checks.as_matrix([1, 2, 3], "x").shape == (3, 1)

    def test_a_missing_value_stays_missing(self):
        assert np.isnan(checks.as_matrix([[1.0, None]], "x")[0, 1])

    def test_float_input_is_not_copied(self):
        block = np.ones((2, 2))
        assert checks.as_matrix(block, "x") is block

    @pytest.mark.parametrize(
        "bad",
        [
            [["text", 1.0]],
            [[1.0], [1.0, 2.0]],
            [],
            np.zeros((2, 2, 2)),
            np.array(["2024-01-01"], dtype="datetime64[s]"),
            [1 + 2j],
            [10**400],
        ],
    )
    def test_what_is_no_block_of_numbers_is_refused_by_name(self, bad):
        with pytest.raises(ArgumentError, match="returns must"):
            checks.as_matrix(bad, "returns")

    def test_an_infinity_is_refused_with_its_place(self):
        with pytest.raises(ArgumentError, match="returns is infinite in row 2, column 1"):
            checks.as_matrix([[1.0, 2.0], [np.inf, 3.0]], "returns")


class TestVector:
    @pytest.mark.parametrize("shape", [(3,), (1, 3), (3, 1), (1, 1, 3)])
    def test_a_row_and_a_column_are_the_same_vector(self, shape):
        assert checks.as_vector(np.arange(3.0).reshape(shape), "x").tolist() == [0, 1, 2]

    def test_a_scalar_fills_the_length(self):
        assert checks.as_vector(2, "x", 3).tolist() == [2, 2, 2]

    def test_a_block_is_refused(self):
        with pytest.raises(ArgumentError, match="weights must be one row or one column"):
            checks.as_vector(np.ones((2, 2)), "weights")

    def test_another_length_is_refused(self):
        with pytest.raises(ArgumentError, match="weights has 2 values where 3 are needed"):
            checks.as_vector([1, 2], "weights", 3)

    def test_nothing_is_refused(self):
        with pytest.raises(ArgumentError, match="weights is empty"):
            checks.as_vector([], "weights")

    def test_an_infinity_is_refused_with_its_place(self):
        with pytest.raises(ArgumentError, match="weights is infinite at position 2"):
            checks.as_vector([1, -np.inf], "weights")


class TestNumber:
    @pytest.mark.parametrize("bad", ["text", None, [1, 2], 10**400])
    def test_what_is_no_number_is_refused(self, bad):
        with pytest.raises(ArgumentError, match="equity must be a number"):
            checks.number(bad, "equity")

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_what_is_not_finite_is_refused(self, bad):
        with pytest.raises(ArgumentError, match="equity must be a finite number"):
            checks.number(bad, "equity")

    @pytest.mark.parametrize(
        ("value", "bound", "words"),
        [
            (0, {"above": 0}, "above 0"),
            (-1, {"at_least": 0}, "at least 0"),
            (1, {"below": 1}, "below 1"),
            (2, {"at_most": 1}, "at most 1"),
        ],
    )
    def test_the_message_states_the_bound_it_broke(self, value, bound, words):
        with pytest.raises(ArgumentError, match=f"rate is {value}; it must be {words}"):
            checks.number(value, "rate", **bound)

    def test_the_bounds_themselves_count_as_they_read(self):
        assert checks.number(1, "x", at_least=1, at_most=1) == 1.0


class TestWhole:
    @pytest.mark.parametrize("value", [24, 24.0, np.int64(24)])
    def test_a_whole_number_is_an_int(self, value):
        assert checks.whole(value, "window", at_least=24, at_most=24) == 24
        assert isinstance(checks.whole(value, "window"), int)

    def test_a_fraction_is_refused_not_rounded(self):
        with pytest.raises(ArgumentError, match=r"window is 1\.5; it must be a whole number"):
            checks.whole(1.5, "window", at_least=1)

    def test_the_bounds_hold(self):
        with pytest.raises(ArgumentError, match="window is 0; it must be at least 1"):
            checks.whole(0, "window", at_least=1)


class TestNumbers:
    def test_a_vector_inside_the_bounds_passes(self):
        assert checks.numbers([0.0, 0.5], "rates", at_least=0, below=1).tolist() == [0, 0.5]

    @pytest.mark.parametrize(("bad", "words"), [([0.1, -0.1], "rates is -0.1"), ([0.1, 1.0], "rates is 1")])
    def test_the_value_out_of_bounds_is_named(self, bad, words):
        with pytest.raises(ArgumentError, match=words):
            checks.numbers(bad, "rates", at_least=0, below=1)

    def test_a_gap_is_refused(self):
        with pytest.raises(MissingDataError, match="rates has no value at position 2"):
            checks.numbers([0.1, NAN], "rates")


def test_finite_names_row_and_column_of_the_first_gap():
    with pytest.raises(MissingDataError, match="prices has no value at row 2, column 1"):
        checks.finite(np.array([[1.0, 2.0], [NAN, NAN]]), "prices")


def test_a_missing_price_passes_and_a_zero_price_does_not():
    assert np.isnan(checks.positive_prices(np.array([1.0, NAN]))[1])
    with pytest.raises(ArgumentError, match="prices is 0 at position 2"):
        checks.positive_prices(np.array([1.0, 0.0]))


def test_rows_that_do_not_match_are_refused_with_both_names():
    with pytest.raises(ArgumentError, match="asset_returns has 3 rows and market_returns has 2"):
        checks.aligned(np.ones(3), "asset_returns", np.ones(2), "market_returns")


def test_too_few_rows_are_refused_with_both_counts():
    checks.enough(2, 2, "returns")
    with pytest.raises(MissingDataError, match="returns has too few complete rows, 1 where 2 are needed"):
        checks.enough(1, 2, "returns")


class TestForHeld:
    def test_what_is_not_held_needs_no_value(self):
        assert checks.for_held([2, np.nan], "betas", np.array([True, False])).tolist() == [2, 1]
        assert checks.prices_for_held([2, -5], "prices", np.array([True, False])).tolist() == [2, 1]

    def test_what_is_held_needs_one(self):
        with pytest.raises(MissingDataError, match="betas has no value at position 1"):
            checks.for_held([np.nan, 1], "betas", np.array([True, False]))
        with pytest.raises(ArgumentError, match="prices is -5 at position 1; a price must be above zero"):
            checks.prices_for_held([-5, 1], "prices", np.array([True, False]))

    def test_one_value_does_not_stand_for_all(self):
        with pytest.raises(ArgumentError, match="quantities has 2 rows and betas has 1"):
            checks.for_held([1], "betas", np.array([True, False]))


def test_the_common_size_is_that_of_the_longest():
    assert checks.common_size(1.0, [1, 2, 3], [1]) == 3
    assert checks.common_size(1.0) == 1


class TestTogether:
    def test_scalars_stay_scalars_and_fill_where_others_are_longer(self):
        assert checks.together(a=1, b=2)[0].shape == ()
        assert [block.tolist() for block in checks.together(a=1, b=[2, 3])] == [[1, 1], [2, 3]]

    def test_shapes_that_do_not_fit_are_all_named(self):
        with pytest.raises(ArgumentError, match=r"do not fit together: quantity \(2,\), entry \(3,\)"):
            checks.together(quantity=[1, 2], entry=[1, 2, 3])


class TestCompleteRows:
    def test_rows_with_a_gap_fall_out_and_are_said(self):
        with pytest.warns(DataWarning, match="^returns: 1 of 3 rows dropped .* missing; column 1 lacks 1, the most$"):
            complete = checks.complete_rows(np.array([[1.0, 2.0], [NAN, 2.0], [3.0, 4.0]]), "returns")
        assert complete.tolist() == [True, False, True]

    def test_nothing_is_said_when_nothing_is_missing(self):
        assert checks.complete_rows(np.ones((3, 2)), "returns").all()


class TestCovariance:
    def test_rounding_is_averaged_away(self):
        matrix = checks.as_covariance([[1.0, 0.5], [0.5 + 1e-12, 1.0]])
        assert (matrix == matrix.T).all()

    def test_hourly_variances_are_as_good_as_annual_ones(self):
        matrix = np.array([[4e-10, 2e-10], [2e-10, 4e-10]])
        np.testing.assert_array_equal(checks.as_covariance(matrix), matrix)

    def test_a_singular_matrix_passes(self):
        checks.as_covariance(np.ones((3, 3)))
        checks.as_covariance(np.zeros((2, 2)))

    def test_rounding_below_zero_passes_and_stays_as_it_was(self):
        matrix = np.array([[1.0, 1.0 + 1e-11], [1.0 + 1e-11, 1.0]])
        np.testing.assert_array_equal(checks.as_covariance(matrix), matrix)
        with pytest.raises(ArgumentError, match="not positive semidefinite"):
            checks.as_covariance([[1.0, 1.0 + 1e-9], [1.0 + 1e-9, 1.0]])

    @pytest.mark.parametrize(
        ("bad", "error", "words"),
        [
            (np.ones((2, 3)), ArgumentError, "must be square"),
            ([[1, 2], [0, 1]], ArgumentError, "not symmetric"),
            ([[1, 2], [2, 1]], ArgumentError, "not positive semidefinite"),
            ([[4e-10, 8e-10], [8e-10, 4e-10]], ArgumentError, "not positive semidefinite"),
            ([[1, NAN], [NAN, 1]], MissingDataError, "no value at row 1, column 2"),
        ],
    )
    def test_what_is_no_covariance_is_refused(self, bad, error, words):
        with pytest.raises(error, match=words):
            checks.as_covariance(bad)

    def test_another_size_is_refused(self):
        with pytest.raises(ArgumentError, match="covariance is 2 x 2 where 3 x 3 is needed"):
            checks.as_covariance(np.eye(2), 3)


class TestChoice:
    def test_case_and_spaces_do_not_matter(self):
        assert checks.choice(" OLS ", "method", ["ols", "ewma"]) == "ols"

    def test_an_unknown_word_lists_all_and_the_nearest(self):
        with pytest.raises(ArgumentError, match=r"method 'ewm' is not known \(did you mean 'ewma'\?\).*: ols, ewma"):
            checks.choice("ewm", "method", ["ols", "ewma"])

    def test_nothing_is_suggested_when_nothing_is_near(self):
        assert checks.nearest("zzz", ["ols"]) == ""
