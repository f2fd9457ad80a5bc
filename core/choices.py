"""What may be chosen, by name: policies, methods, rules. Who asks for a name loads nothing of what it stands for.

Each is told where it is worked out, which is where it is chosen by.
"""

from __future__ import annotations

__all__ = [
    "AIMS",
    "BETA_METHODS",
    "CASH",
    "CLOCKS",
    "COVARIANCE_METHODS",
    "CURRENT_WEIGHTS",
    "DESK_POLICIES",
    "LEARNED",
    "LEARNERS",
    "NEEDS",
    "OBJECTIVES",
    "POLICIES",
    "REINFORCED",
    "RETRAIN_DAYS",
    "SIMULATIONS",
    "TILTS",
    "WEIGHINGS",
    "WHEN_UNANSWERED",
]

BETA_METHODS = ("ols", "ewma", "downside", "upside", "shrunk", "kalman", "huber")
"""See `estimate.beta.methods`."""

LEARNED = "learned"
"""Method of beta beside those: it needs all rows up to now, not the window alone."""

COVARIANCE_METHODS = (
    *("sample", "ledoit_wolf", "shrunk_correlation", "constant_correlation"),
    *("ewma", "factor", "semi"),
)
"""See `estimate.covariance.methods`."""

LEARNERS = ("ridge", "boosting")
"""See `learn.models`."""

RETRAIN_DAYS = 30.0
"""Usual days from one training to the next, see `learn.training`."""

AIMS = ("target", "edge")
"""Where a hedge that is due brings beta: to its target, or to the nearest edge of the band around it."""

WEIGHINGS = ("least_cost", "mean_variance")
"""By what hedges of equal beta are told apart, see `decide.hedge.weighed`."""

OBJECTIVES = (
    *("min_variance", "max_sharpe", "target_return", "target_volatility", "utility"),
    *("semivariance", "cvar", "robust", "risk_budget"),
)
"""As the sheet writes them, see `decide.portfolio.objectives.registry`."""

NEEDS = {
    "target_return": ("target_return",),
    "target_volatility": ("target_volatility",),
    "robust": ("uncertainty",),
}
"""The limits that must be stated for an objective; the others need none."""

POLICIES = (
    *("classical", "hybrid", "learned", "min_variance", "risk_budget"),
    *("volatility_target", "equal_weight", "beta_neutral"),
)
"""See `decide.policy.named`."""

REINFORCED = "reinforced"

DESK_POLICIES = (*POLICIES, REINFORCED)
"""Those that a desk may name, which can give a trained policy too."""

WHEN_UNANSWERED = ("cash", "min_variance", "hold")
"""What answers where the model cannot, see `decide.policy.unanswered`."""

CURRENT_WEIGHTS, CASH = "current weights", "cash"
"""What policies are called that are no models: they always answer."""

CLOCKS = ("every", "drift", "calm")
"""When to trade, see `decide.policy.clock`."""

TILTS = ("volatility", "premium")
"""What a tilt goes by, see `decide.policy.around.tilts`."""

SIMULATIONS = ("bootstrap", "student_copula", "filtered")
"""See `verify.simulate.simulators`."""
