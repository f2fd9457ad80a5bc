"""The questions of `core.verify` with book and scenarios by their parts, for tests that vary one part at a time."""

import numpy as np

from core.verify.path.book import as_book
from core.verify.path.follow import follow as follow_book
from core.verify.simulate.monte_carlo import monte_carlo as monte_carlo_of
from core.verify.stress.replay import replay as replay_book
from core.verify.stress.reverse import reverse_stress as reverse_stress_of
from core.verify.stress.scenarios import stress as stress_book
from core.verify.stress.shocks import as_shocks
from core.verify.stress.worst_windows import worst_windows as worst_windows_of


def stress(
    quantities, prices, betas, equity, market_shocks, maintenance_rates=0.01, funding_shock=0.0, beta_shift=0.0,
    idiosyncratic=None, overrides=None, **terms,
):  # fmt: skip
    book = as_book(quantities, prices, equity, maintenance_rates, **terms)
    return stress_book(book, as_shocks(book, betas, market_shocks, funding_shock, beta_shift, idiosyncratic, overrides))


def shocks(quantities, betas, market_shocks, *scenarios, **more):
    return as_shocks(as_book(quantities, np.ones(len(quantities)), 1.0), betas, market_shocks, *scenarios, **more)


def follow(quantities, prices, equity, maintenance_rates=0.01, *, funding_rates=0.0, **terms):
    """The first row of prices is now."""
    path = np.asarray(prices, dtype=float)
    return follow_book(as_book(quantities, path[0], equity, maintenance_rates, **terms), path[1:], funding_rates)


def replay(quantities, prices, equity, history, maintenance_rates=0.01, *, funding=None, **terms):
    return replay_book(as_book(quantities, prices, equity, maintenance_rates, **terms), history, funding)


def reverse_stress(quantities, prices, betas, equity, maintenance_rates=0.01):
    return reverse_stress_of(as_book(quantities, prices, equity, maintenance_rates), betas)


def worst_windows(quantities, prices, equity, price_history, horizon=1, worst=10, maintenance_rates=0.01, **terms):
    book = as_book(quantities, prices, equity, maintenance_rates, **terms)
    return worst_windows_of(book, price_history, horizon, worst)


SIMULATION = ("method", "block_length", "funding_rates", "progress")


def monte_carlo(
    quantities, prices, equity, returns, scenarios=10_000, horizon=24, seed=1, maintenance_rates=0.01, **more
):
    terms = {name: value for name, value in more.items() if name not in SIMULATION}
    book = as_book(quantities, prices, equity, maintenance_rates, **terms)
    simulation = {name: value for name, value in more.items() if name in SIMULATION}
    return monte_carlo_of(book, returns, scenarios, horizon, seed, **simulation)
