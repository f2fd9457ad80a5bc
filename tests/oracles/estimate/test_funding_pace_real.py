"""The funding forecast at the present pace: SOL in November 2022, when its interval went from 8 hours to 2."""

import numpy as np
import pytest

from core.estimate.funding.forecast import annual_funding_forecast
from tests.load_panel import load_panel


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize("end", ["2022-11-12", "2022-11-13", "2022-11-15", "2022-11-17"])
def test_the_forecast_is_within_what_those_days_paid(shared_data, end):
    month, _ = load_panel(shared_data / "perp_1h", ["SOLUSDT"], end=end, bars=720)
    week, _ = load_panel(shared_data / "perp_1h", ["SOLUSDT"], end="2022-11-17", bars=7 * 24)
    days = np.nansum(week.funding[1:].reshape(-1, 24), axis=1) * 365
    rates = month.funding[1:]
    forecast = annual_funding_forecast(rates, 8760 / month.settlements().hours[1:])[0]
    assert days.min() < forecast < -2
    by_the_count_of_the_month = annual_funding_forecast(rates, np.isfinite(rates).sum() / 30 * 365)[0]
    assert by_the_count_of_the_month > forecast / 2, "which is less than half of it"
