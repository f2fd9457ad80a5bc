"""Monte Carlo: what the book may lose by the horizon, how likely it is liquidated on the way, and the equity it needs.

S paths of returns are drawn from a history (see `simulators`), and today's book is taken along each, bar by bar. On
path s two things are noted:

    L_s = loss of the book held to the horizon, whatever the account
    C_s = max over bars of maintenance - profit so far: the equity with which nothing is liquidated on the way

Value at risk and expected shortfall are those of the L_s. Were a path ended where the exchange closes the book, a
poorer account would show a smaller risk; so what the exchange does, which looks after each bar, is answered apart:

    probability of liquidation    share of paths with C_s above the equity
    capital for 99 %              smallest equity with which at most 1 % of the paths are liquidated: a quantile of C_s

A path that is liquidated is followed through its closings as well, for the equity that is then left.

Sources: Jorion, Value at Risk (2007), ch. 12; Politis and Romano (1994) (the paths); the figures are those of
`path_risk`, the order of liquidation that of `core.verify.path.bars`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Rows
from ...checks import as_vector, complete_rows, enough, finite, whole
from ...errors import ArgumentError, say
from ...numeric.one_thread import one_thread
from ...records import dataclass
from ..path.account import Account
from ..path.book import Book, of_contracts
from ..path.sampled_paths import Sampled, ends, held
from .path_risk import PathRisk, path_risk, path_risk_errors
from .simulators import batches, simulator

__all__ = ["LARGEST_RETURN", "MonteCarlo", "monte_carlo"]

MOST_SCENARIOS, LONGEST_HORIZON, LARGEST_SEED = 1_000_000, 8_760, 2**32 - 1

MOST_BARS = 50_000_000
"""Scenarios x bars of one run: some ten seconds of work."""

LARGEST_RETURN = 10.0
"""No contract ever rose elevenfold in one bar; a column of such numbers holds prices."""

FEWEST_ROWS = 2

NONE_LIQUIDATED = np.array([[0.0], [-1.0], [-1.0]])
"""None liquidated, no first of them, and no bar."""


@dataclass(frozen=True, eq=False)
class MonteCarlo:
    """The figures, how sure they are, and the S paths behind them, `(S,)` each.

    pnl                 price P&L and funding of the book held throughout (a position with a stop: up to there)
    capital             equity of the whole account with which nothing is liquidated on the path
    path_equity         equity at the horizon after the liquidations on the way
    liquidated          how many positions the exchange closes, at least in part
    first_liquidated    column of the first of them, counted from 1, and the bar, `liquidated_bar`; NaN for none
    """

    figures: PathRisk
    standard_errors: PathRisk
    pnl: Array
    capital: Array
    path_equity: Array
    liquidated: Rows
    first_liquidated: Array
    liquidated_bar: Array


def monte_carlo(
    book: Book,
    returns: ArrayLike,
    scenarios: int = 10_000,
    horizon: int = 24,
    seed: int = 1,
    *,
    method: str = "bootstrap",
    block_length: float | None = None,
    funding_rates: ArrayLike = 0.0,
    names: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> MonteCarlo:
    """Risk of a book over many simulated paths of `horizon` bars, liquidation looked at after each bar.

    Args:
        book: the positions and their account.
        returns: (T, N) simple returns per bar, decimals, the oldest row first.
        scenarios: how many paths.
        horizon: bars of a path.
        seed: the same seed gives the same paths.
        method: one of SIMULATIONS.
        block_length: mean length of a block, bars; None is chosen by the rule of the method.
        funding_rates: (N,) or one for all, settled each bar, decimals; positive paid by longs.
        names: (N,) of the contracts, for what a DataWarning says of them; None: their place among those held.
        progress: called with (done, of) as paths are done.

    NaN: a contract of quantity 0 needs no returns; rows in which another is missing are left out, and a DataWarning
    says how many (what is left is read as one stretch). A DataWarning also says when the account is below its
    maintenance margin already.
    Raises ArgumentError (bounds, lengths, no position) and MissingDataError (too few rows).
    """
    count = whole(scenarios, "scenarios", at_least=1, at_most=MOST_SCENARIOS)
    bars = whole(horizon, "horizon", at_least=1, at_most=LONGEST_HORIZON)
    if count * bars > MOST_BARS:
        raise ArgumentError(
            f"scenarios x horizon is {count * bars:,} bars and at most {MOST_BARS:,} are simulated; "
            f"ask for {MOST_BARS // bars:,} scenarios"
        )
    start = whole(seed, "seed", at_least=0, at_most=LARGEST_SEED)
    history = _history(returns, book)
    held_columns = np.flatnonzero(book.held)
    rates = as_vector(funding_rates, "funding_rates", book.coins.size)
    funding = finite(np.where(book.held, rates, 0.0), "funding_rates")[held_columns]
    account = book.account.only(held_columns)
    called = None if names is None else [names[column] for column in held_columns.tolist()]
    with one_thread(len(history)):  # products of many rows with few contracts: shared out they take twice as long
        source = simulator(method, history, account.values, block_length, called)
        _warn_below_maintenance(account)
        drawn = batches(source, held_columns.size, count, bars, start)
        pnl, capital, path_equity, liquidated, first, bar = _along(account, funding, drawn, count, progress)
    closed = liquidated > 0
    return MonteCarlo(
        figures=path_risk(-pnl, capital, closed),
        standard_errors=path_risk_errors(-pnl, capital, closed),
        pnl=pnl,
        capital=capital,
        path_equity=path_equity,
        liquidated=liquidated.astype(np.int64),
        first_liquidated=np.where(closed, held_columns[first.astype(np.int64)] + 1, np.nan),
        liquidated_bar=np.where(closed, bar, np.nan),
    )


def _along(
    account: Account,
    funding: Array,
    drawn: Iterator[Sampled],
    count: int,
    progress: Callable[[int, int], None] | None,
) -> Array:
    """Profit, capital, equity at the end, how many liquidated, the first and its bar, `(6, count)`."""
    figures = np.empty((6, count))
    done = 0
    for paths in drawn:
        here = slice(done, done + len(paths.rows))
        through = held(account, funding, paths)
        figures[:3, here] = through.pnl, through.capital, account.equity + through.pnl
        figures[3:, here] = NONE_LIQUIDATED
        fallen = np.flatnonzero(through.breached)
        if fallen.size:
            figures[2:, done + fallen] = ends(account, funding, paths._replace(rows=paths.rows[fallen]))
        done = here.stop
        if progress is not None:
            progress(done, count)
    return figures


def _history(returns: ArrayLike, book: Book) -> Array:
    """Complete rows of the returns of what is held. Raises ArgumentError, MissingDataError."""
    table = of_contracts(book, returns, "returns")
    if not book.held.any():
        raise ArgumentError("quantities are all 0, so there is nothing to lose; enter a position")
    impossible = np.argwhere((table <= -1) & book.held)
    if impossible.size:
        row, column = impossible[0]
        raise ArgumentError(
            f"returns is {table[row, column]:g} in row {row + 1}, column {column + 1}; a simple return is above -1, "
            "and 0.01 is 1 %"
        )
    if (table[:, book.held] > LARGEST_RETURN).any():
        largest = float(np.nanmax(table[:, book.held]))
        raise ArgumentError(f"returns hold {largest:g}, which is {largest:.0%} in one bar; select returns, not prices")
    rows = table[:, book.held]
    rows = rows[complete_rows(rows, "returns")]
    enough(len(rows), FEWEST_ROWS, "returns")
    return rows


def _warn_below_maintenance(account: Account) -> None:
    now = Sampled(np.empty((0, account.values.size)), np.empty((1, 0), dtype=np.int64))
    if ends(account, np.zeros(account.values.size), now).liquidated[0]:
        message = (
            "the account is below its maintenance margin already, so it is liquidated at once on each path; add "
            "equity or reduce positions"
        )
        say(message)
