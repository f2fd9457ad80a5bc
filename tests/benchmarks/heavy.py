"""The work that a desk waits for: long-short books, volatilities, betas, scenarios, paths, and jobs on many contracts.

Each line has ours beside a peer or a floor in one run, in seconds of CPU, and tells whether its goal is held. Where the
goal stands in milliseconds, it is one of the machine that it was set on, where `import numpy` takes 0.20 s.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from core.decide.limits.declared import Limits
from core.decide.portfolio.optimize import optimize
from core.errors import DataWarning
from core.estimate.beta.kalman import kalman_beta
from core.estimate.beta.rolling import rolling_beta
from core.estimate.covariance.methods import covariance
from core.estimate.volatility.garch import garch
from core.market.tiers import Tiers
from core.numeric.compiled import loaded, loops
from core.numeric.one_thread import one_thread
from core.verify.path.account import Account
from core.verify.path.book import as_book
from core.verify.path.outcomes import COMPILED, NUMPY, Moves, outcomes
from core.verify.simulate.monte_carlo import monte_carlo
from core.verify.stress.shocks import as_shocks

from .growth import desk_of, spent
from .line import Line, show

__all__ = ["lines", "main"]

ROWS, CONTRACTS = 8_760, 100

AT_REST = 0.1
"""Seconds until the threads of the contender before, which go on looking for work for a while, have gone to sleep."""


def main() -> None:
    """Print each line."""
    show(lines())


def lines() -> Iterator[Line]:
    """All of them; those without compiled loops first, as loops that are loaded stay."""
    before = loops.there
    try:
        loops.there = False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            yield from long_short()
            yield from volatilities()
            yield from rolling_betas()
            loaded()
            yield from walking_betas()
            yield from shrinkage()
            yield from scenarios()
            yield from paths()
    finally:
        loops.there = before
    yield from many_contracts()


def long_short() -> Iterator[Line]:
    """Long-short books with gross, beta, margin and cost, each of another set of limits; no loops are there."""
    for n, sets, goal in ((60, 100, 3), (100, 100, 4), (200, 100, 8), (500, 20, 60)):
        taken, worst = _optima(n, sets, "max_sharpe")
        median, late = np.median(taken), np.percentile(taken, 95)
        words = f"median {median:.2f} ms, p95 {late:.1f} ms of {len(taken)} sets, certificate {worst:.0e}"
        also, held = (", p95 <= 150", late <= 150) if n == 200 else ("", True)
        yield Line(f"max_sharpe of {n} long-short", words, median, f"<= {goal}{also}", median <= goal and held)
    for n, goal in ((100, 4), (200, 6)):
        taken, worst = _optima(n, 100, "utility")
        median = np.median(taken)
        words = f"median {median:.2f} ms, p95 {np.percentile(taken, 95):.1f} ms, certificate {worst:.0e}"
        yield Line(f"utility of {n} long-short", words, median, f"<= {goal}, 1e-12", median <= goal and worst <= 1e-12)


def _optima(n: int, sets: int, objective: str) -> tuple[list[float], float]:
    """Milliseconds of each of so many, and the worst certificate."""
    rng = np.random.default_rng(n)
    returns = 0.02 * rng.normal(size=(1500, n)) + 0.03 * rng.normal(size=(1500, 1))
    risk, taken, worst = np.cov(returns.T) * 365, [], 0.0
    for _ in range(sets):
        mu, betas = rng.normal(0.1, 0.2, n), rng.normal(1, 0.3, n)
        limits = Limits(
            net_min=-0.5,
            net_max=1.0,
            min_weight=-rng.uniform(0.1, 0.3),
            max_weight=rng.uniform(0.1, 0.3),
            gross_max=rng.uniform(1.2, 3.0),
            betas=betas,
            target_beta=rng.uniform(0.0, 0.3),
            margin_buffer=0.3,
            initial_margin_rates=rng.choice([0.02, 0.05, 0.1], n),
            turnover_cost=rng.uniform(5e-4, 2e-3),
            current_weights=rng.dirichlet(np.ones(n)) * 0.5,
        )
        start = time.process_time()
        found = optimize(mu, risk, objective, limits)
        taken.append((time.process_time() - start) * 1e3)
        worst = max(worst, found.certificate.worst)
    return taken, worst


def volatilities() -> Iterator[Line]:
    """GARCH of three contracts, every start climbed, side by side and one contract after the other."""
    returns = _hours(720)
    times = _medians({"ours": lambda: garch(returns), "one": lambda: [garch(column) for column in returns.T]}, 3)
    words = f"{times['ours'] * 1e3:.1f} ms; one after the other {times['one'] * 1e3:.1f} ms"
    yield Line("GARCH 3 x 720, by numpy", words, times["ours"] * 1e3, "<= 23", times["ours"] * 1e3 <= 23)


def _hours(rows: int) -> np.ndarray:
    """Real hours of three contracts where they are at hand, else hours that cluster as theirs do."""
    folder = Path(os.environ.get("PERPDESK_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data") / "perp_1h"
    files = sorted(folder.glob("*.parquet"))
    if len(files) < 3 or importlib.util.find_spec("pyarrow") is None:
        return _clustered(rows, 3)
    import pandas as pd

    closes = [pd.read_parquet(file)["close"].to_numpy()[-20_000:][: rows + 1] for file in files[:3]]
    return np.diff(np.log(np.column_stack(closes)), axis=0)


def _clustered(rows: int, columns: int) -> np.ndarray:
    """Hours whose volatility comes in waves, with a market in common."""
    rng = np.random.default_rng(7)
    shocks = 0.6 * rng.standard_t(6, (rows, 1)) + 0.8 * rng.standard_t(6, (rows, columns))
    variance, square, found = np.ones(columns), np.ones(columns), np.empty((rows, columns))
    for row, shock in enumerate(shocks * (4 / 6) ** 0.5):
        variance = 0.05 + 0.08 * square + 0.87 * variance
        found[row] = np.sqrt(variance) * shock
        square = found[row] ** 2
    return 0.006 * found


def _market() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    market = rng.normal(0, 0.01, ROWS)
    return np.outer(market, rng.uniform(0.5, 1.5, CONTRACTS)) + rng.normal(0, 0.01, (ROWS, CONTRACTS)), market


def rolling_betas() -> Iterator[Line]:
    """A year of hours of a hundred contracts, by numpy."""
    assets, market = _market()
    times = _medians({"ours": lambda: rolling_beta(assets, market, 720), "floor": assets.copy}, 5)
    words = f"{times['ours'] * 1e3:.1f} ms; a copy of the rows {times['floor'] * 1e3:.1f} ms"
    yield Line("rolling beta 100 x 8,760, by numpy", words, times["ours"] * 1e3, "<= 8", times["ours"] * 1e3 <= 8)


def walking_betas() -> Iterator[Line]:
    """The most likely ratios of a hundred contracts over a year of hours: the whole search, and one filter."""
    assets, market = _market()
    times = _medians(
        {"ours": lambda: kalman_beta(assets, market), "floor": lambda: kalman_beta(assets, market, 1e-4, 1e-6)}, 1
    )
    ours = times["ours"] * 1e3
    words = f"{ours:.0f} ms; one filter {times['floor'] * 1e3:.1f} ms"
    yield Line("Kalman likelihood search 100 x 8,760", words, ours, "<= 500", ours <= 500)


def shrinkage() -> Iterator[Line]:
    """Ledoit-Wolf of a hundred contracts over a year of hours."""
    returns = np.random.default_rng(1).standard_t(4, (ROWS, CONTRACTS)) * 0.01
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: covariance(returns, "ledoit_wolf"),
        "floor": lambda: returns.T @ returns,
    }
    if importlib.util.find_spec("sklearn") is not None:
        from sklearn.covariance import ledoit_wolf

        contenders["peer"] = lambda: ledoit_wolf(returns)
    with one_thread(CONTRACTS):  # threads that wait for one another on a busy machine would count against the peer
        times = _medians(contenders, 9)
    ratio = times.get("peer", np.nan) / times["ours"]
    words = f"{ratio:.1f}x: {times['ours'] * 1e3:.2f} ms; one product {times['floor'] * 1e3:.2f} ms"
    yield Line("Ledoit-Wolf 100 x 8,760 beside scikit-learn", words, ratio, ">= 4x", ratio >= 4)


def scenarios() -> Iterator[Line]:
    """Ten thousand scenarios of 500 positions: from a few to nearly all of them fell something."""
    for leverage, volatility, goal in ((2.0, 0.1, 60), (3.0, 0.1, 60), (3.0, 0.2, 80), (20.0, 0.3, 80)):
        account, moves, funding = _guarded(leverage, volatility)
        found = outcomes(account, moves, funding, kernel=COMPILED)
        felled = float(((found.liquidated > 0) | (found.stopped > 0)).mean())
        ours = _medians({"ours": lambda a=account, m=moves, f=funding: outcomes(a, m, f, kernel=COMPILED)}, 1)["ours"]
        start = time.process_time()
        outcomes(account, moves.part(slice(0, 2000)), funding[:2000], kernel=NUMPY)
        plain = (time.process_time() - start) * 5
        words = f"{ours * 1e3:.1f} ms, {felled:.0%} felled; by numpy {plain:.1f} s"
        work = "stress 10,000 x 500, tiers, stops, isolated"
        yield Line(work, words, ours * 1e3, f"<= {goal}", ours * 1e3 <= goal)


def _guarded(leverage: float, volatility: float) -> tuple[Account, Moves, np.ndarray]:
    """A book of which 30 % stand alone and 30 % have a stop, and shocks of that volatility."""
    size, count = 500, 10_000
    rng = np.random.default_rng(1)
    values, prices = rng.normal(0.3, 1, size), rng.uniform(1, 100, size)
    isolated = np.where(rng.random(size) < 0.3, np.abs(values) / leverage * 0.9, np.nan)
    stops = np.where(rng.random(size) < 0.3, prices * (1 - np.sign(values) * 0.35), np.nan)
    ends, rates = np.array([0, 0.5, 2.0]), np.array([0.005, 0.02, 0.06])
    tiers = Tiers(ends, np.append(ends[1:], np.nan), rates, np.full(3, np.nan), np.array([50.0, 25.0, 10.0]))
    equity = np.abs(values).sum() / leverage
    book = as_book(values / prices, prices, equity, isolated=isolated, tiers=tiers, stops=stops)
    market = np.random.default_rng(2).normal(0, volatility, count).clip(-1)
    own = np.linspace(-0.02, 0.02, size)
    return (
        book.account,
        as_shocks(book, rng.normal(1, 0.3, size), market, idiosyncratic=own).moves,
        np.full(count, 1e-4),
    )


def paths() -> Iterator[Line]:
    """Ten thousand paths of a day of 20 contracts, drawn from a year of hours that cluster."""
    history = _clustered(ROWS, 20)
    book = as_book(np.random.default_rng(1).normal(0, 1, 20), np.full(20, 100.0), 300)
    floor = _medians({"floor": lambda: np.random.default_rng(1).standard_normal((10_000 * 24, 20))}, 1)["floor"] * 1e3
    for method, goal in (("student_copula", 300), ("filtered", 250)):
        work = _medians({"ours": lambda m=method: monte_carlo(book, history, 10_000, 24, method=m)}, 1)["ours"] * 1e3
        words = f"{work:.0f} ms; to draw the normals {floor:.0f} ms"
        yield Line(f"Monte Carlo 10,000 x 24 x 20, {method}", words, work, f"<= {goal}", work <= goal)


def many_contracts() -> Iterator[Line]:
    """Rebalance of a year of days as a whole process."""
    with tempfile.TemporaryDirectory() as place:
        for contracts, goal in ((200, 2.0), (500, 5.0)):
            desk = desk_of(Path(place), contracts, 365)
            used = [spent(desk, "rebalance") for _ in range(3)]
            taken, megabytes = statistics.median(each.seconds for each in used), max(each.megabytes for each in used)
            words = f"{taken:.2f} s, {megabytes:.0f} MB"
            yield Line(f"rebalance of {contracts} x 365 days", words, taken, f"<= {goal:g} s", taken <= goal)


def _medians(contenders: dict[str, Callable[[], object]], repeats: int, turns: int = 5) -> dict[str, float]:
    """Median seconds of CPU of one call of each; they take turns."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for name, work in [*contenders.items()] * turns:
        work()  # not timed: imports, and what the contender before has left
        time.sleep(AT_REST)
        start = time.process_time()
        for _ in range(repeats):
            work()
        taken[name].append((time.process_time() - start) / repeats)
    return {name: statistics.median(times) for name, times in taken.items()}
