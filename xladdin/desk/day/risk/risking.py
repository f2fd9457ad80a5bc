"""Risk: the book held now and the target beside it, as a head of risk looks at them. Part of Rebalance.

The overlay book is held whatever becomes of the core book, so it counts in both. A hedge that is still to come does
not: Hedge and Stress show the book with it.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Array, Mask, Rows
from core.errors import listed, say
from core.records import dataclass
from core.units import HOURS_PER_DAY
from core.verify.risk.value_at_risk import overlapping_sums

from ...read.inputs import Desk
from ..estimates import Estimates
from ..joint_sample import say_joint_sample
from ..rebalancing import TargetBook
from .binding import BindingLimit, binding_limits
from .book_risk import BookRisk, Sums, risk_of
from .correlated import Correlated, correlated
from .exposures import Exposed, exposures
from .positions import OpenPositions, open_positions

__all__ = ["RiskRun", "assess_risk"]


@dataclass(frozen=True)
class RiskRun:
    """The contracts held or wanted, `(n,)`, at `places` of the desk's universe, the largest risk of the target first.

    `betas` and `volatilities` `(n,)` are those of Estimates. `correlated` is None where nothing is held or wanted.
    """

    places: Rows
    symbols: tuple[str, ...]
    betas: Array
    volatilities: Array
    held: BookRisk
    target: BookRisk
    limits: tuple[BindingLimit, ...]
    exposures: tuple[Exposed, ...]
    correlated: Correlated | None
    positions: OpenPositions


def assess_risk(desk: Desk, estimates: Estimates, chosen: TargetBook) -> RiskRun:
    """The risk of both books. Raises ArgumentError, MissingDataError (a figure that they rest on is missing)."""
    held, target = _books(desk, chosen)
    _say_what_is_unknown(desk, (held != 0) & ~estimates.known)
    at_all = np.flatnonzero(((held != 0) | (target != 0)) & estimates.known)
    covariance = estimates.covariance[np.ix_(at_all, at_all)]
    places: Rows = at_all[_by_risk(held[at_all], target[at_all], covariance)]
    covariance = estimates.covariance[np.ix_(places, places)]
    symbols = tuple(desk.universe.symbols[place] for place in places.tolist())
    betas, books = estimates.betas[places], (held[places], target[places])
    sums = _sums(desk, estimates, places)
    say_joint_sample("what Risk says of losses", sums["Day"][1], symbols)
    risks = [risk_of(book, covariance, betas, {span: each for span, (each, _) in sums.items()}) for book in books]
    shares = risks[1].shares if np.isfinite(risks[1].shares).all() else risks[0].shares
    return RiskRun(
        places=places,
        symbols=symbols,
        betas=betas,
        volatilities=estimates.volatilities[places],
        held=risks[0],
        target=risks[1],
        limits=binding_limits(desk, chosen),
        exposures=exposures(desk, estimates, chosen, books, places),
        correlated=correlated(covariance, shares) if places.size else None,
        positions=open_positions(desk),
    )


def _books(desk: Desk, chosen: TargetBook) -> tuple[Array, Array]:
    """Weights `(N,)` of all contracts in play: held now, and of the target; the overlay in both."""
    universe = desk.universe
    worth = universe.contract_values / desk.settings.equity
    wanted = np.zeros(len(universe.symbols))
    wanted[[universe.symbols.index(symbol) for symbol in chosen.universe.symbols]] = chosen.orders.positions
    return (universe.positions + universe.overlay_positions) * worth, (wanted + universe.overlay_positions) * worth


def _say_what_is_unknown(desk: Desk, unknown: Mask) -> None:
    if unknown.any():
        symbols = np.array(desk.universe.symbols)[unknown].tolist()
        say(f"Risk leaves out {listed(symbols)}: held in the overlay, and too few returns to estimate")


def _by_risk(held: Array, target: Array, covariance: Array) -> Rows:
    """The order by what each brings of the target's variance, then of that of the book held."""
    brings = [np.abs(book * (covariance @ book)) for book in (target, held)]
    return np.lexsort([-brings[1], -brings[0]])


def _sums(desk: Desk, estimates: Estimates, places: Rows) -> dict[str, tuple[Sums, Array]]:
    """Returns over a day and over the horizon, by span, and the rows of bars that they are made of."""
    settings = desk.settings
    returns = desk.latest(estimates.bars_used).panel.returns()[:, places]
    hours = {"Day": HOURS_PER_DAY, "Horizon": settings.risk_horizon_hours}
    bars = {span: max(1, round(each / settings.bar_hours)) for span, each in hours.items()}
    none = np.full((0, len(places)), np.nan)
    return {
        span: (Sums(overlapping_sums(returns, count) if count <= len(returns) else none, count), returns)
        for span, count in bars.items()
    }
