"""What the books are exposed to: sides, the benchmark, further factors, and the groups that Limits name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.arrays import Array, Rows
from core.decide.limits.declared import Limits
from core.errors import PerpDeskError, say
from core.records import dataclass

from ...read.inputs import Desk
from ..estimates import Estimates
from ..hedging import HedgeFigures, loadings
from ..rebalancing import TargetBook

__all__ = ["Exposed", "exposures"]


@dataclass(frozen=True)
class Exposed:
    """One exposure of the book held and of the target, and what it may be; NaN: not limited, or not known."""

    name: str
    held: float
    target: float
    least: float = np.nan
    most: float = np.nan


def exposures(
    desk: Desk, estimates: Estimates, chosen: TargetBook, books: tuple[Array, Array], rows: Rows
) -> tuple[Exposed, ...]:
    """All of them, from weights `(n,)` of the contracts at `rows` `(n,)` of the desk's universe."""
    limits = chosen.limits
    places = [desk.universe.symbols.index(symbol) for symbol in chosen.universe.symbols]
    return (
        *_sides(limits, books),
        *_to_factors(desk, estimates, limits, books, rows),
        *_of_groups(limits, books, rows, places),
    )


def _sides(limits: Limits, books: tuple[Array, Array]) -> Iterator[Exposed]:
    low, high = (limit if np.isfinite(limit) else np.nan for limit in limits.net_range())
    held, target = books
    yield Exposed("Long", float(np.maximum(held, 0.0).sum()), float(np.maximum(target, 0.0).sum()))
    yield Exposed("Short", float(np.minimum(held, 0.0).sum()), float(np.minimum(target, 0.0).sum()))
    yield Exposed("Net", float(held.sum()), float(target.sum()), low, high)
    most = np.nan if limits.gross_max is None else limits.gross_max
    yield Exposed("Gross", float(np.abs(held).sum()), float(np.abs(target).sum()), most=most)


def _to_factors(
    desk: Desk, estimates: Estimates, limits: Limits, books: tuple[Array, Array], rows: Rows
) -> Iterator[Exposed]:
    """Beta to the benchmark, as Estimates have it; then the loadings on Factors, taken together with the benchmark."""
    aim, room = np.nan if limits.target_beta is None else limits.target_beta, limits.beta_tolerance
    betas, (held, target) = estimates.betas[rows], books
    name = f"Beta to {desk.settings.benchmark}"
    yield Exposed(name, float(held @ betas), float(target @ betas), aim - room, aim + room)
    if not desk.factors.known:
        return
    figures = HedgeFigures(estimates.known, estimates.betas, estimates.funding, estimates.market.rebalance_hours)
    try:
        found = loadings(desk.latest(estimates.bars_used), figures)[:, rows]
    except PerpDeskError as error:
        say(f"Risk has no loadings on the sheet Factors: {error}")
        return
    for name, slopes in zip(desk.factors.names, found[1:], strict=True):
        in_held, in_target = (float(np.where(book == 0, 0.0, slopes) @ book) for book in books)
        yield Exposed(f"Loading on {name}", in_held, in_target)


def _of_groups(limits: Limits, books: tuple[Array, Array], rows: Rows, places: list[int]) -> Iterator[Exposed]:
    """Sums that Limits state; a contract that the optimiser does not know is in none of them."""
    held, target = books
    for factor in (*limits.groups, *limits.factors):
        weighed = dict(zip(places, factor.loadings.tolist(), strict=True))
        loading = np.array([weighed.get(row, 0.0) for row in rows.tolist()])
        sides = (factor.minimum, factor.maximum) if factor.target is None else (factor.target, factor.target)
        low, high = (np.nan if side is None else side for side in sides)
        yield Exposed(f"{factor.name} of Limits", float(held @ loading), float(target @ loading), low, high)
