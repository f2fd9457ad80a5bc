"""What the desk infers and when: the GARCH of the Estimates sheet is fitted for that sheet alone."""

from __future__ import annotations

import numpy as np
import pytest

from core.estimate.volatility import garch as module
from core.estimate.volatility.garch import FEWEST_ROWS, garch
from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.day.estimates import estimate
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings


@pytest.fixture
def fits(monkeypatch):
    """How often a GARCH has been fitted so far."""
    made = []
    monkeypatch.setattr(module, "garch", lambda *args, **options: made.append(1) or garch(*args, **options))
    return made


@pytest.fixture
def inputs(book):
    with heard_warnings():
        return read_desk(book)


def test_a_garch_is_fitted_once_and_only_when_it_is_asked_for(inputs, fits):
    with heard_warnings():
        estimates = estimate(inputs)
    assert not fits
    swings = estimates.volatilities_now
    assert np.isfinite(swings).all()
    assert len(estimates.notes) == swings.size
    assert fits == [1]


def test_a_hedge_and_a_stress_fit_none(book, fits):
    jobs.rebalance(book, NOW)
    assert fits == [1]
    jobs.hedge(book, NOW)
    jobs.stress(book, NOW)
    assert fits == [1]


def test_the_sheet_says_where_no_garch_fits(inputs):
    with heard_warnings():
        estimates = estimate(inputs.latest(FEWEST_ROWS - 1))
    assert np.isnan(estimates.volatilities_now).all()
    assert all("no GARCH fits" in note for note in estimates.notes)
