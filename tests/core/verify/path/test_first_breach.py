"""The first breach along a line of returns, by hand. Brute force: tests/oracles/test_stress_reverse.py."""

import numpy as np
import pytest

from core.verify.path.account import Account
from core.verify.path.first_breach import first_breach

NAN = np.nan


def account(values, equity, rate=0.05, isolated=None):
    size = len(values)
    none = np.full(size, NAN)
    flat = np.full((1, size), rate), np.zeros((1, size)), np.zeros((1, size))
    own = none if isolated is None else np.array(isolated, dtype=float)
    return Account(np.array(values, dtype=float), np.full(size, True), *flat, own, equity, np.zeros(size), none)


def along(book, direction, start=0.0, furthest=np.inf):
    size = book.values.size
    return first_breach(book, np.full(size, start), np.array(direction, dtype=float), furthest)


def test_one_long_and_one_short():
    assert along(account([100], 20), [-1]) == pytest.approx(15 / 95)
    assert along(account([-100], 20), [1]) == pytest.approx(15 / 105)
    assert along(account([100], 20), [1]) == np.inf


def test_it_starts_from_where_the_line_starts():
    assert along(account([100], 20), [-1], start=-0.1) == pytest.approx(15 / 95 - 0.1)
    assert along(account([100], 20), [-1], start=-0.5) == 0


def test_nothing_beyond_the_furthest():
    assert along(account([100], 20), [-1], furthest=0.1) == np.inf
    assert along(account([100], 20), [-1], furthest=0.2) == pytest.approx(15 / 95)


def test_a_price_of_zero_ends_the_gain_of_a_short():
    # The short makes up for the long until its price is zero, at t = 1; from there on only the long loses.
    assert along(account([1000, -100], 60, rate=0.0), [-0.1, -1]) == pytest.approx(1.6)


def test_the_nearer_of_the_cross_account_and_one_alone():
    book = account([100, 100], 30, isolated=[10, NAN])
    assert along(book, [-1, -0.1]) == pytest.approx(5 / 95)
    assert along(book, [-0.01, -1]) == pytest.approx(15 / 95)


def test_what_hardly_moves_stands_still():
    assert along(account([100], 20), [-1e-300]) == np.inf
