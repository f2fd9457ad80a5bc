"""Our regression against the certified values of NIST StRD "Norris" (calibration of ozone monitors, 36 points).

https://www.itl.nist.gov/div898/strd/lls/data/Norris.shtml: y = B0 + B1 x + e, certified to 15 digits.
"""

import numpy as np
import pytest

from core.estimate.beta.methods import ols_beta
from core.estimate.capm import capm

# y, x
POINTS = """
0.1 0.2  338.8 337.4  118.1 118.2  888.0 884.6  9.2 10.1  228.1 226.5  668.5 666.3  998.5 996.3  449.1 448.6
778.9 777.0  559.2 558.2  0.3 0.4  0.1 0.6  778.1 775.5  668.8 666.9  339.3 338.0  448.9 447.5  10.8 11.6
557.7 556.0  228.3 228.1  998.0 995.8  888.8 887.6  119.6 120.2  0.3 0.3  0.6 0.3  557.6 556.8  339.3 339.1
888.0 887.2  998.5 999.0  778.9 779.0  10.2 11.1  117.6 118.3  228.9 229.2  668.4 669.1  449.2 448.9  0.2 0.5
"""
Y, X = np.array(POINTS.split(), dtype=float).reshape(-1, 2).T

B0, B0_ERROR = -0.262323073774029, 0.232818234301152
B1, B1_ERROR = 1.00211681802045, 0.429796848199937e-03
RESIDUAL_DEVIATION, R_SQUARED = 0.884796396144373, 0.999993745883712


@pytest.fixture(scope="module")
def fit():
    return capm(Y, X, periods_per_year=1)


@pytest.mark.parametrize(
    ("field", "certified", "digits"),
    [
        ("beta", B1, 13),
        ("beta_se", B1_ERROR, 12),
        ("beta_t", B1 / B1_ERROR, 12),
        ("alpha", B0, 12),
        ("alpha_se", B0_ERROR, 12),
        ("r_squared", R_SQUARED, 14),
        ("residual_volatility", RESIDUAL_DEVIATION, 12),
    ],
)
def test_the_certified_digits(fit, field, certified, digits):
    assert getattr(fit, field)[0] == pytest.approx(certified, rel=10.0**-digits)


def test_the_slope_of_the_beta_module():
    assert ols_beta(Y, X)[0] == pytest.approx(B1, rel=1e-13)
