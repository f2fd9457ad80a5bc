"""The published GARCH(1,1) benchmark: daily German mark / British pound returns of Bollerslev and Ghysels (1996).

Estimates and standard errors by analytic derivatives of Fiorentini, Calzolari and Panattoni (1996), set as the standard
for software by McCullough and Renfro (1999) and Brooks, Burke and Persand (2001), to six digits. Digits are counted as
there: minus the decimal logarithm of the relative error.

Only the published figures are kept here. The series lies in the data archive of the journal and in many packages, none
of which states terms under which it may be passed on, so it is read from where Debian's gretl-data puts it (six
decimals), or from where `.ci/run` unpacks that package.
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import numpy as np
import pytest

from core.estimate.volatility.garch import garch
from core.estimate.volatility.garch_loops import COMPILED, NUMPY

DIGITS = 4.5
FIRST_AND_LAST = (0.125333, 0.528047)

PLACES = (
    Path("/usr/share/gretl/data/misc/b-g.gdt"),
    Path(__file__).parents[3] / ".perpdesk/gretl/usr/share/gretl/data/misc/b-g.gdt",
)

ESTIMATES = {"mu": -0.00619041, "omega": 0.0107613, "alpha": 0.153134, "beta": 0.805974}
HESSIAN_ERRORS = {"mu": 0.00846212, "omega": 0.00285271, "alpha": 0.0265228, "beta": 0.0335527}


@pytest.fixture(scope="module")
def returns():
    found = [place for place in PLACES if place.is_file()]
    if not found:
        assert not os.environ.get("CI"), "CI must have the benchmark series"
        pytest.skip("the benchmark series is not here; Debian's package gretl-data has it")
    rows = re.findall(r"<obs>(\S+) [01] </obs>", found[0].read_text(encoding="utf-8"))
    values = np.array(rows, dtype=np.float64)
    assert values.shape == (1974,)
    assert (values[0], values[-1]) == FIRST_AND_LAST
    return values


def digits(found, published):
    return -math.log10(abs(found - published) / abs(published))


@pytest.mark.parametrize("kernel", [NUMPY, COMPILED], ids=["numpy", "compiled"])
@pytest.mark.parametrize("scale", [1.0, 0.01], ids=["percent", "decimals"])
def test_estimates_and_errors_are_the_published_ones(returns, monkeypatch, kernel, scale):
    monkeypatch.setattr("core.estimate.volatility.garch.kernel_for", lambda returns, fits: kernel)
    fit = garch(returns * scale)
    unit = {"mu": scale, "omega": scale**2, "alpha": 1.0, "beta": 1.0}
    for name, published in ESTIMATES.items():
        assert digits(getattr(fit, name)[0] / unit[name], published) >= DIGITS, name
        assert digits(getattr(fit, f"se_{name}")[0] / unit[name], HESSIAN_ERRORS[name]) >= DIGITS, name


def clustered(rows=1500):
    """Returns that follow a GARCH, in percent, with tails fatter than its normal ones."""
    rng = np.random.default_rng(12)
    h = square = 0.5
    values = []
    for shock in rng.standard_t(7, rows) * (5 / 7) ** 0.5:
        h = 0.02 + 0.1 * square + 0.85 * h
        values.append(h**0.5 * shock)
        square = values[-1] ** 2
    return np.array(values)


def test_robust_errors_are_those_of_numerical_derivatives():
    """Scores and Hessian by differences of a likelihood written out here, away from the one in the core."""
    returns = clustered()
    fit = garch(returns, standard_errors="robust")
    point = np.array([getattr(fit, name)[0] for name in ESTIMATES])

    def terms(parameters):
        mu, omega, alpha, beta = parameters
        errors = returns - mu
        square = h = float(np.mean(errors**2))
        values = []
        for error in errors.tolist():
            h = omega + alpha * square + beta * h
            square = error * error
            values.append((math.log(2 * math.pi) + math.log(h) + square / h) / 2)
        return np.array(values)

    moves = np.diag([1e-3 * getattr(fit, f"se_{name}")[0] for name in ESTIMATES])
    scores = np.array([(terms(point + a) - terms(point - a)) / (2 * a.sum()) for a in moves])
    hessian = np.empty((4, 4))
    for i, a in enumerate(moves):
        for j, b in enumerate(moves):
            corners = [terms(point + s * a + t * b).sum() * s * t for s in (1, -1) for t in (1, -1)]
            hessian[i, j] = sum(corners) / (4 * a.sum() * b.sum())
    inverse = np.linalg.inv(hessian)
    errors = np.sqrt(np.diag(inverse @ (scores @ scores.T) @ inverse))
    found = [getattr(fit, f"se_{name}")[0] for name in ESTIMATES]
    np.testing.assert_allclose(found, errors, rtol=1e-4)
