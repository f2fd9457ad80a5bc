"""Where the money of a ledger came from: factors of the market, what is the manager's own, hedges, funding and costs.

In bar t the book is what was held into it, v_i = q_i,t-1 p_i,t-1, and each beta is the one known at its start, from
rows <= t-1. A share s_i,t-1 of it hedges, all or nothing of most contracts; the rest is the core:

    market k       sum_i (1 - s_i) v_i b_ik,t-1 f_k,t       f_k the return of factor k in the bar
    alpha          sum_i (1 - s_i) price P&L_i - sum_k market k
    hedge j        s_j x price P&L of contract j
    funding        of the core, and of the hedges apart; received positive
    interest       on the collateral
    fees, slippage, liquidation                             what they took, negative

sum to the change of equity of the bar, because alpha is what the others leave. Linked over the run by money,

    C_k = sum_t money_k,t / E_0

they sum to the total return exactly, through liquidations and ruin too. A bar late in a run that gained weighs more, as
it did in the account. t is that of the mean of money_t / E_t-1 over the bars after the first decision, by Newey-West;
the costs of its trades count in the first of them.

Sources: Grinold and Kahn, "Active Portfolio Management" (2000), ch. 17 (attribution on exposures known beforehand);
Newey and West (1987).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array, Mask
from ...checks import aligned, as_matrix, finite
from ...errors import ArgumentError, say
from ...estimate.newey_west import lag_rule, long_run_error
from ...estimate.regression import quotient
from ...records import dataclass
from ...tolerances import ROUNDING
from ..walk.ledger import Ledger

__all__ = ["LedgerAttribution", "attribute_ledger"]

COSTS = ("fees", "slippage", "liquidation")
"""The parts that the trades of a row bring at its close."""


@dataclass(frozen=True, eq=False)
class LedgerAttribution:
    """K parts of T rows, money in quote.

    parts         their names, `market BTC`, `alpha`, `hedge ETH`, `funding`, `fees` ...
    money (T, K)  what each brought in each row
    equity (T,)   after each row
    first         row of the first decision
    start         equity before the first row
    basis         `hypothetical` for a walk through history, `traded` for an account that was
    """

    parts: tuple[str, ...]
    money: Array
    equity: Array
    first: int
    start: float
    basis: str = "hypothetical"

    @property
    def total(self) -> float:
        """Return of the whole run."""
        return float(self.equity[-1]) / self.start - 1

    @property
    def contributions(self) -> Array:
        """Share of the first equity that each part brought, `(K,)`; they sum to the total."""
        return np.asarray(self.money.sum(axis=0) / self.start)

    @property
    def largest_difference(self) -> float:
        """How far the sum of the parts is from the total, relative to the larger of 1 and the total."""
        return abs(float(self.contributions.sum()) - self.total) / max(1.0, abs(self.total))

    @property
    def per_bar(self) -> Array:
        """Each part as a return of its bar, `(T - 1 - first, K)`, which sum to `Ledger.returns_since`."""
        bars, before = self.money[self.first + 1 :].copy(), self.equity[self.first : -1].copy()
        traded = np.where([part in COSTS for part in self.parts], self.money[self.first], 0.0)
        bars[:1] += traded
        before[:1] -= traded.sum()
        return np.nan_to_num(quotient(bars, before[:, np.newaxis]))

    @property
    def t(self) -> Array:
        """t of the mean of each part over the bars, `(K,)`; NaN where it does not vary, or of fewer than 3 bars."""
        bars = self.per_bar
        if len(bars) < 3:
            return np.full(len(self.parts), np.nan)
        mean = bars.mean(axis=0)
        influence = (bars - mean) / len(bars)
        error = long_run_error(influence, np.full(len(self.parts), lag_rule(len(bars))))
        flat = np.abs(bars - mean).max(axis=0) <= ROUNDING * np.abs(bars).max(axis=0)
        return quotient(mean, np.where(flat, 0.0, error))

    def by_period(self, periods: NDArray[np.generic]) -> tuple[NDArray[np.generic], Array]:
        """The money of each part by period, over the first equity: the periods `(M,)` and `(M, K)`.

        `periods` `(T,)` says in which each row lies, as months or years. The rows sum to `contributions`.
        Raises ArgumentError (as many as rows).
        """
        if len(periods) != len(self.money):
            raise ArgumentError(
                f"periods has {len(periods)} values where {len(self.money)} are needed, one for each row"
            )
        names, where = np.unique(periods, return_inverse=True)
        sums = np.zeros((names.size, len(self.parts)))
        np.add.at(sums, where, self.money)
        return names, sums / self.start


def attribute_ledger(
    ledger: Ledger,
    betas: ArrayLike,
    factor_returns: ArrayLike,
    hedges: Mask | ArrayLike | None = None,
    contracts: Sequence[str] | None = None,
    factors: Sequence[str] | None = None,
    basis: str = "hypothetical",
) -> LedgerAttribution:
    """Attribute each bar of a ledger to its parts.

    Args:
        ledger: T rows of N contracts.
        betas: (T, N, K) known after each row, or (N, K) known beforehand; of one factor (T, N) is enough.
        factor_returns: (T, K) of the bar that ends at each row; of one factor (T,).
        hedges: (N,) which contracts are hedges, or (T, N) the share of each position after each row; None: none.
        contracts: (N,) their names; None: their numbers.
        factors: (K,) their names; None: their numbers.
        basis: hypothetical, or traded.

    NaN: where a beta or a factor's return is missing, the market's part is unknown and all of the price P&L counts as
    alpha, and that is said. Raises ArgumentError (shapes, names that do not fit).
    """
    moves = as_matrix(factor_returns, "factor_returns")
    aligned(ledger.quantities, "ledger", moves, "factor_returns")
    (rows, count), factor_count = ledger.quantities.shape, moves.shape[1]
    known = _as_betas(betas, rows, count, factor_count)
    share = _as_shares(hedges, rows, count)
    hedging = share.any(axis=0)
    named = _names(contracts, "contracts", count)
    parts = [f"market {name}" for name in _names(factors, "factors", factor_count)]
    parts += ["alpha", *(f"hedge {named[column]}" for column in np.flatnonzero(hedging)), "funding"]
    parts += [*(["funding of hedges"] if hedging.any() else []), "interest", *COSTS]

    into = np.vstack([share[:1], share[:-1]])
    core = ((1 - share) * ledger.quantities * ledger.marks)[:-1]
    market = np.vstack([np.zeros(factor_count), _market_parts(core, known[:-1], moves[1:])])
    alpha = ((1 - into) * ledger.pnl).sum(axis=1) - market.sum(axis=1)
    funding = [((1 - into) * ledger.funding).sum(axis=1)]
    if hedging.any():
        funding.append((into * ledger.funding).sum(axis=1))
    costs = [0.0 - taken.sum(axis=1) for taken in (ledger.fees, ledger.slippage, ledger.liquidation)]
    money = np.column_stack([market, alpha, (into * ledger.pnl)[:, hedging], *funding, ledger.interest, *costs])

    first = int(ledger.decisions[0]) if ledger.decisions.size else 0
    return LedgerAttribution(tuple(parts), money, ledger.equity, first, ledger.start, basis)


def _market_parts(core: Array, betas: Array, moves: Array) -> Array:
    """Money that each factor brought in each bar, `(T - 1, K)`: notionals of the core times betas times moves."""
    unknown = (core != 0) & np.isnan(betas).any(axis=2)
    without = np.isnan(moves).any(axis=1) & core.any(axis=1)
    if unknown.any():
        row, column = np.argwhere(unknown)[0]
        say(
            f"betas of what is held are not known in {int(unknown.any(axis=1).sum())} of {len(core)} bars, first of "
            f"column {column + 1} at row {row + 2}: there all of its price P&L counts as alpha"
        )
    if without.any():
        say(f"factor_returns are missing in {int(without.sum())} bars: there all of the price P&L counts as alpha")
    exposures = np.einsum("tn,tnk->tk", core, np.where(np.isnan(betas).any(axis=2, keepdims=True), 0.0, betas))
    return np.where(np.isnan(moves).any(axis=1, keepdims=True), 0.0, exposures * moves)


def _as_betas(betas: ArrayLike, rows: int, contracts: int, factors: int) -> Array:
    """Betas as `(T, N, K)`. Raises ArgumentError."""
    given = np.asarray(betas, dtype=np.float64)
    if given.shape == (rows, contracts, factors):
        return given
    if given.shape == (contracts, factors):
        return np.broadcast_to(given, (rows, contracts, factors))
    if factors == 1 and given.shape == (rows, contracts):
        return given[:, :, np.newaxis]
    raise ArgumentError(
        f"betas are of shape {given.shape}; they must be rows x contracts x factors, {(rows, contracts, factors)}, "
        "or contracts x factors"
    )


def _as_shares(hedges: Mask | ArrayLike | None, rows: int, contracts: int) -> Array:
    """Shares of each position that hedge, `(T, N)`. Raises ArgumentError."""
    given = np.zeros(contracts) if hedges is None else np.asarray(hedges, dtype=np.float64)
    if given.shape not in ((contracts,), (rows, contracts)):
        raise ArgumentError(
            f"hedges has {given.size} values where {contracts} are needed, one for each contract, or as many in each "
            "row"
        )
    return np.broadcast_to(finite(given, "hedges"), (rows, contracts))


def _names(given: Sequence[str] | None, argument: str, count: int) -> list[str]:
    names = [str(number) for number in range(1, count + 1)] if given is None else [str(name) for name in given]
    if len(names) != count or len(set(names)) != count:
        raise ArgumentError(f"{argument} has {len(names)} names where {count} different ones are needed")
    return names
