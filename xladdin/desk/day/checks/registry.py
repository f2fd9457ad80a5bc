"""All kinds of check, in the order of the desk's day.

The checks read the workbook as an analyst would and know nothing of the run that wrote it, so they also find figures
that were edited by hand or belong to older inputs. A new kind is one function and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ....books.workbook import Workbook
from ...read.inputs import Desk
from ..ordering.checking import check_orders
from .backtest import check_backtest
from .book_risk import check_book_risk
from .found import Check
from .funding import check_funding
from .hedge import check_hedge
from .history import check_history
from .learning import check_learning
from .prices import check_prices
from .risk import check_risk
from .stress import check_stress
from .sweep import check_sweep
from .terms import check_terms
from .weights import check_weights

__all__ = ["KINDS", "check_desk"]

KINDS: tuple[Callable[[Workbook, Desk], Iterator[Check]], ...] = (
    check_history,
    check_prices,
    check_funding,
    check_terms,
    check_weights,
    check_risk,
    check_book_risk,
    check_hedge,
    check_orders,
    check_stress,
    check_backtest,
    check_sweep,
    check_learning,
)


def check_desk(book: Workbook, desk: Desk) -> list[Check]:
    """All checks that the results in the book allow."""
    return [check for kind in KINDS for check in kind(book, desk)]
