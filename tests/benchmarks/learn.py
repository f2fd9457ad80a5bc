"""What learning is worth, told as it is: forecasts, hedges by learned betas, the policy that goes by learned premia."""

from __future__ import annotations

from .learn_forecast import learned_table
from .learn_hedge import hedge_table
from .learn_policy import policy_table
from .learn_tilt import tilt_table


def main() -> None:
    """Print the tables."""
    learned_table()
    hedge_table()
    policy_table()
    tilt_table()
