"""Stress: what a book earns when the market moves, and in which order it is liquidated on the way there.

    P&L     = sum v_i r_i                 v_i notional now, r_i of `shocks`: betas, shifts, own moves, overrides
    funding = -sum v_i x funding shock    longs pay

The figures of profit, equity and margin are those of the book held throughout. Beside them stands the path: prices
go straight from now to the shock, funding accrues in proportion, and where equity falls below maintenance the exchange
closes the position with the greatest price loss so far (with tiers: the part above the next lower tier), at the price
of that moment, for its fee, and looks again. A position with isolated collateral is closed when that is used up, and
loses what is left of it. A position with a stop is closed there, if it comes so far. On the path

    equity = equity now + P&L + funding - fees - collateral lost

Each event stands at the root of a straight line: no steps, no error of a grid.

Source: exchanges' liquidation rules, as summarised in each venue's margin pages; see `core.verify.path.straight_move`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from ...arrays import Array, Rows
from ...checks import whole
from ...errors import say
from ...market.margin import margin_ratio
from ...records import dataclass
from ..path.account import Account
from ..path.book import Book
from ..path.cross_move import move_straight
from ..path.outcomes import outcomes
from ..path.statement import REASONS
from .shocks import Shocks

__all__ = ["BANKRUPT", "Closing", "ScenarioPath", "Stress", "stress"]

BANKRUPT = 1_000.0
"""Margin ratio of an account without equity, and the highest there is: a number, so that it sorts behind all others."""

MILLION = 1e6
"""From here on money is told in full, not as a power of ten."""


@dataclass(frozen=True)
class Closing:
    """One event: column from 1, share of the way, price there, share of the position left, and the reason."""

    column: int
    share: float
    price: float
    left: float
    reason: str


@dataclass(frozen=True, eq=False)
class ScenarioPath:
    """One scenario along its path: what each contract earned and paid `(N,)`, what is open, and who was closed when.

    `pnl` of prices, `funding` received positive, `fees` of liquidations, `lost` collateral that the exchange kept.
    """

    pnl: Array
    funding: Array
    fees: Array
    lost: Array
    open_shares: Array
    closings: tuple[Closing, ...]


@dataclass(frozen=True, eq=False)
class Stress:
    """What each of S shocks does to a book of N contracts; money in quote currency, all (S,).

    pnl and funding     of the book held throughout: of prices, and received; equity_after = equity + pnl + funding
    margin_ratio        maintenance / equity after the shock, at most BANKRUPT, which it is when no equity is left
    liquidated          how many positions the exchange closes on the way, at least in part
    first_liquidated    column of the first of them, counted from 1; NaN when there is none
    shortfall           equity to add so that the book held throughout keeps its maintenance after the shock
    path_equity         equity after the closings of the path = equity + path_pnl + path_funding - fees - lost
    stopped             how many positions are closed by their stops on the way
    """

    market_shock: Array
    pnl: Array
    funding: Array
    equity_after: Array
    margin_ratio: Array
    liquidated: Rows
    first_liquidated: Array
    shortfall: Array
    path_equity: Array
    path_pnl: Array
    path_funding: Array
    fees: Array
    lost: Array
    stopped: Rows
    book: Book
    shocks: Shocks

    @property
    def total_pnl(self) -> Array:
        """P&L of prices and funding together, `(S,)`: what the scenario does to equity."""
        return self.pnl + self.funding

    @cached_property
    def contract_pnl(self) -> Array:
        """Profit of each contract held throughout, `(S, N)`; made when first asked for."""
        return self.book.values * self.shocks.returns

    def path(self, scenario: int) -> ScenarioPath:
        """The path of one scenario, counted from 0, contract by contract. Raises ArgumentError."""
        row = whole(scenario, "scenario", at_least=0, at_most=self.market_shock.size - 1)
        returns, funding = self.shocks.one(row)
        moved = move_straight(self.book.account, returns, funding)
        _, column, share, left, reason = moved.closings
        prices = self.book.prices[column] * (1 + share * returns[0, column])
        return ScenarioPath(
            pnl=moved.pnl[0],
            funding=moved.funding[0],
            fees=moved.fees[0],
            lost=moved.lost[0],
            open_shares=moved.shares[0],
            closings=tuple(
                Closing(int(each), float(at), float(price), float(rest), REASONS[why])
                for each, at, price, rest, why in zip(column + 1, share, prices, left, reason, strict=True)
            ),
        )


def stress(book: Book, shocks: Shocks, progress: Callable[[int, int], None] | None = None) -> Stress:
    """Revalue a book under the scenarios of `as_shocks`, and follow its stops and liquidations.

    `progress(done, of)` is called now and then on a long run. An account below its maintenance before any shock is
    liquidated at once, and a DataWarning says so.
    """
    account = book.account
    _warn_below_maintenance(account)
    found = outcomes(account, shocks.moves, shocks.funding, progress)
    funding = 0.0 - shocks.funding * book.values.sum()  # not -0 where none is paid
    equity_after = book.equity + found.pnl + funding
    return Stress(
        market_shock=shocks.market,
        pnl=found.pnl,
        funding=funding,
        equity_after=equity_after,
        # A position whose price is zero needs no maintenance, and yet no equity is left.
        margin_ratio=np.where(
            equity_after > 0, np.minimum(margin_ratio(found.maintenance, equity_after), BANKRUPT), BANKRUPT
        ),
        liquidated=found.liquidated,
        first_liquidated=np.where(found.first >= 0, found.first + 1.0, np.nan),
        shortfall=found.shortfall,
        path_equity=book.equity + found.path_pnl + found.path_funding - found.fees - found.lost,
        path_pnl=found.path_pnl,
        path_funding=found.path_funding,
        fees=found.fees,
        lost=found.lost,
        stopped=found.stopped,
        book=book,
        shocks=shocks,
    )


def _warn_below_maintenance(account: Account) -> None:
    if account.short:
        lacking = f"{account.lacking:g}" if account.lacking < MILLION else f"{account.lacking:,.0f}"
        message = (
            f"the account lacks {lacking} of its maintenance margin before any shock, so it is liquidated at "
            "once; add equity or reduce positions"
        )
        say(message)
