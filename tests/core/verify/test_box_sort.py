"""The order found in boxes is the one that numpy's stable sort finds."""

import numpy as np
import pytest

from core.verify.box_sort import CROWD, order_of

RNG = np.random.default_rng(5)
NUMBERS = {
    "none": np.empty(0),
    "one": np.array([3.0]),
    "all equal": np.full(2 * CROWD, 0.25),
    "evenly spread": RNG.uniform(-1, 1, 300),
    "in waves": RNG.normal(0, 1, 300) ** 3,
    "many equal": RNG.integers(0, 40, 300) / 7,
    "crowded beside one far away": np.append(RNG.uniform(0, 1e-9, 200), 1e6),
    "falling": np.linspace(1, -1, 100),
    "next to one another": np.nextafter(1.0, 2.0) * np.array([1.0, 1.0, np.nextafter(1.0, 0.0), 1.0]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_the_order_is_that_of_a_stable_sort(name):
    numbers = NUMBERS[name]
    order = np.empty(numbers.size, np.int64)
    order_of(numbers, order)
    np.testing.assert_array_equal(order, np.argsort(numbers, kind="stable"))
