"""Pieces between knots: those that halving finds, to the last point, wherever knots crowd."""

import numpy as np
import pytest

from core.numeric.knots import Knots


@pytest.mark.parametrize(
    "places",
    [
        np.array([0.0, 1.0]),
        np.linspace(-2, 3, 1000),
        np.sort(np.random.default_rng(1).standard_t(2, 5000)),
        np.concatenate([np.linspace(0, 1e-9, 300), [1.0, 2.0]]),  # three hundred in one cell
        np.array([-1e-300, 0.0, 5e-324, 1.0]),
    ],
    ids=["two", "even", "heavy tails", "crowded", "tiny"],
)
def test_pieces_are_those_of_halving(places):
    rng = np.random.default_rng(2)
    width = places[-1] - places[0]
    points = np.concatenate(
        [places, np.nextafter(places, -np.inf), np.nextafter(places, np.inf), rng.uniform(places[0], places[-1], 5000)]
    )
    points = np.concatenate([points, [places[0] - width, places[-1] + width, -np.inf, np.inf]])
    expected = np.clip(np.searchsorted(places, points, side="right") - 1, 0, len(places) - 2)
    np.testing.assert_array_equal(Knots.of(places).pieces(points), expected)


def test_a_line_through_the_knots_has_the_bits_of_numpy():
    rng = np.random.default_rng(3)
    places, values = np.sort(rng.normal(size=2000)), rng.normal(size=2000)
    points = rng.uniform(places[0], places[-1], 10_000)
    piece = Knots.of(places).pieces(points)
    slopes = np.diff(values) / np.diff(places)
    line = (points - places[piece]) * slopes[piece] + values[piece]
    np.testing.assert_array_equal(line, np.interp(points, places, values))
