"""Risk budgets as published with their data."""

from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.portfolio.optimize import optimize
from core.decide.portfolio.risk_contribution import risk_contribution


def test_three_assets_of_bruder_and_roncalli() -> None:
    """Bruder and Roncalli (2012), section 3.1.1, as computed in MathWorks, "Risk Budgeting Portfolio" (4 digits)."""
    volatilities, correlations = np.array([0.2, 0.21, 0.1]), np.full((3, 3), 0.8) + 0.2 * np.eye(3)
    covariance = correlations * np.outer(volatilities, volatilities)
    found = optimize(np.zeros(3), covariance, "risk_budget", Limits(budgets=[0.5, 0.25, 0.25])).weights
    assert found == pytest.approx([0.3912, 0.1964, 0.4124], abs=5e-5)
    shares = risk_contribution(found, covariance)
    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=1e-9)
    assert shares * np.sqrt(found @ covariance @ found) == pytest.approx([0.0751, 0.0376, 0.0376], abs=5e-5)
