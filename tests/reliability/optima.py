"""Random books, limits and objectives: the optimiser against the second opinion, which is cvxpy over Clarabel.

The second opinion states each problem in words of its own and shares no line with the optimiser. Ours must carry its
certificate, keep every limit as the other states it, and be worth no less than what the other finds; where ours says
that there is no answer, the other may find none either.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np

from .campaign import Campaign, Tally

__all__ = ["CAMPAIGN"]

CERTIFIED = 1e-8
KEPT = 1e-7
WORTH = 1e-6
WITNESS = 1e-8
"""By how much a book of the second opinion may miss a limit and still be heard."""

ROWS = 90
BARS_A_YEAR = 365


def problem(seed: int, case: int) -> tuple[str, dict[str, Any], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Objective, limits by name, premium (N,), covariance (N, N), past (T, N) and weights held (N,)."""
    rng = np.random.default_rng([seed, case])
    n = int(rng.integers(2, 13))
    market = rng.standard_t(5, (ROWS, 1)) * 0.015
    past = market * rng.uniform(0.3, 1.6, n) + rng.standard_t(5, (ROWS, n)) * rng.uniform(0.002, 0.03, n)
    risk = np.cov(past.T) * BARS_A_YEAR
    if rng.random() < 0.1:
        past[:, -1] = past[:, 0]
        risk = np.cov(past.T) * BARS_A_YEAR
    premium = rng.normal(0.1, 0.25, n)
    shorts = bool(rng.random() < 0.5)
    upper = np.full(n, float(rng.choice([1.0, 0.6, 2 / n])))
    lower = -upper * float(rng.choice([1.0, 0.5])) if shorts else np.zeros(n)
    held = rng.uniform(lower, upper)
    held = held if shorts else held / held.sum()
    held = np.clip(held, lower, upper)
    current = held + rng.normal(size=n) * 0.05 if rng.random() < 0.6 else np.zeros(n)
    objective = str(rng.choice(OBJECTIVES))
    said: dict[str, Any] = {"min_weight": lower, "max_weight": upper}
    said["net"] = None if shorts and rng.random() < 0.5 else float(held.sum())
    for odds, make in _TERMS:
        if rng.random() < odds:
            said |= make(rng, held, current, past, premium)
    if objective in ("max_sharpe", "risk_budget"):
        said.pop("market_impact", None)  # no convex programme of a few lines
    if objective == "target_volatility":
        said["target_volatility"] = float(np.sqrt(held @ risk @ held) * rng.choice([1.0, 1.3, 2.0]))
    if objective == "target_return":
        cost = np.asarray(said.get("turnover_cost", 0.0)) * np.abs(held - current)
        cost = cost + np.asarray(said.get("market_impact", 0.0)) * np.abs(held - current) ** 1.5
        said["target_return"] = float(premium @ held - cost.sum() - 0.01)
    if objective == "robust":
        said["uncertainty"] = float(rng.uniform(0.1, 1.0)) if rng.random() < 0.5 else rng.uniform(0.0, 0.1, n)
    if objective == "risk_budget" and rng.random() < 0.5:
        said["budgets"] = rng.uniform(0.2, 1.0, n)
    if objective == "risk_budget":
        # A sign for each contract is asked for, and no cost or return counts.
        said |= {"min_weight": np.zeros(n), "max_weight": np.maximum(upper, 0.5)}
        said["net"] = 1.0 if rng.random() < 0.7 else None
        said = {name: value for name, value in said.items() if name not in ("target_beta", "betas", "beta_tolerance")}
    return objective, said, premium, risk, past, current


def _worst(past: np.ndarray, held: np.ndarray, level: float) -> float:
    losses = np.sort(-past @ held)[::-1]
    rows = len(past) * (1 - level)
    return float(losses[: int(rows) + 1].mean())


OBJECTIVES = (
    *("min_variance", "max_sharpe", "target_return", "target_volatility", "utility", "semivariance", "cvar", "robust"),
    "risk_budget",
)

_TERMS: tuple[tuple[float, Any], ...] = (
    (0.3, lambda g, h, c, p, m: {"gross_max": float(np.abs(h).sum() * g.choice([1.0, 1.2, 2.0]))}),
    (0.2, lambda g, h, c, p, m: {"max_step": np.abs(h - c) * 1.1 + 0.01}),
    (0.2, lambda g, h, c, p, m: {"max_turnover": float(np.abs(h - c).sum() * 1.1 + 0.001)}),
    (
        0.3,
        lambda g, h, c, p, m: {
            "betas": (b := g.normal(1.0, 0.4, h.size)),
            "target_beta": float(b @ h),
            "beta_tolerance": float(g.choice([0.0, 0.1])),
        },
    ),
    (
        0.3,
        lambda g, h, c, p, m: {
            "initial_margin_rates": (r := g.uniform(0.01, 0.2, h.size)),
            "margin_buffer": float(max(0.0, min(0.9, 1 - 1.2 * r @ np.abs(h)))),
        },
    ),
    (
        0.15,
        lambda g, h, c, p, m: {
            "funding_buffer_days": float(g.choice([1.0, 7.0])),
            "funding_rates": g.normal(0.1, 0.2, h.size),
            "margin_buffer": 0.0,
            "initial_margin_rates": g.uniform(0.01, 0.1, h.size),
        },
    ),
    (
        0.15,
        lambda g, h, c, p, m: {
            "maintenance_rates": (r := g.uniform(0.005, 0.05, h.size)),
            "maintenance_max": float(r @ np.abs(h) * 1.1 + 1e-3),
        },
    ),
    (
        0.15,
        lambda g, h, c, p, m: {
            "max_volume_share": 0.1,
            "daily_volumes": np.abs(h - c) * 12 + g.uniform(0.01, 1, h.size),
        },
    ),
    (0.4, lambda g, h, c, p, m: {"turnover_cost": g.uniform(0.0, 0.02, h.size)}),
    (0.15, lambda g, h, c, p, m: {"market_impact": g.uniform(0.0, 0.02, h.size)}),
    (0.5, lambda g, h, c, p, m: {"risk_aversion": float(g.choice([0.5, 2.0, 10.0]))}),
    (0.12, lambda g, h, c, p, m: {"cvar_max": _worst(p, h, 0.95) * 1.1}),
    (0.3, lambda g, h, c, p, m: {"semivariance_full": 1.0}),
    (
        0.3,
        lambda g, h, c, p, m: {
            "factor_1": (x := g.normal(size=h.size)),
            **g.choice(
                np.array(
                    [
                        {"factor_1_max": float(x @ h)},
                        {"factor_1_target": float(x @ h)},
                        {"factor_1_min": float(x @ h) - 0.1},
                    ]
                )
            ),
        },
    ),
    (
        0.3,
        lambda g, h, c, p, m: {
            "group_1": (x := np.where(np.arange(h.size) % 2 == 0, 1.0, 0.0)),
            "group_1_max": float(x @ h + g.choice([0.0, 0.1])),
        },
    ),
    (0.08, lambda g, h, c, p, m: {"gross_max": float(np.abs(h).sum() * 0.3)}),
)


def _rows(said: dict[str, Any], current: np.ndarray) -> list[list[Any]]:
    """The limits as the rows of a sheet, which is how a desk states them."""
    every = {**said, **({"current_weights": current} if current.any() else {})}
    return [[name, *(np.atleast_1d(value).tolist() if value is not None else [None])] for name, value in every.items()]


def _run(cases: int, seed: int) -> Tally:
    from core.decide.limits.declared import Limits
    from core.decide.portfolio.optimize import optimize
    from core.errors import InfeasibleError, PerpDeskError, UndefinedError
    from xladdin.second_opinion.decided.limits import Stated
    from xladdin.second_opinion.decided.optimum import programme_of

    tally = Tally()
    for case in range(cases):
        objective, said, premium, risk, past, current = problem(seed, case)
        where, n = f"seed {seed}, case {case}, {objective}", premium.size
        stated = Stated([str(k) for k in range(n)], said, premium, risk, np.zeros(n), current, past)
        clock, ours, refusal = time.process_time(), None, ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is said of a budget that cannot be met is no fault
            try:
                ours = optimize(premium, risk, objective, Limits.from_rows(_rows(said, current), n), past)
            except (InfeasibleError, UndefinedError) as error:
                refusal = str(error)
            except PerpDeskError as error:
                tally.fault(where, f"uncertified: {type(error).__name__}: {error}")
        tally.case(time.process_time() - clock)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            programme = programme_of(objective, stated)
            theirs = programme.best()
        worth, broken = programme.judged(theirs) if theirs is not None else (np.inf, np.inf)
        heard = broken <= WITNESS
        if ours is None:
            tally.counts["without an answer"] += 1
            if refusal and heard and programme.problem.status == "optimal":
                tally.fault(where, f"an answer exists, worth {worth:.6g}; ours says: {refusal}")
            continue
        tally.counts["certified"] += 1
        tally.counts["second opinion heard"] += heard
        if not ours.certificate.passes(CERTIFIED):
            tally.fault(where, "the certificate does not pass")
        value, missed = programme.judged(ours.weights)
        if missed > KEPT * max(1.0, float(np.abs(ours.weights).sum())):
            tally.fault(where, f"misses a limit by {missed:.2g}")
        if heard and value > worth + WORTH * max(abs(worth), abs(value), 1e-3):
            tally.fault(where, f"is worth {value:.9g} where {worth:.9g} exists")
    return tally


CAMPAIGN = Campaign(_run, 300, 4_000, "0 wrong, 0 uncertified")
