"""What is to be traded, to look at and to send."""

from __future__ import annotations

from argparse import Namespace

from ..typed.arguments import BOOK, FORCE, JSON, QUIET, as_path
from ..typed.declared import argument, command

__all__ = ["orders"]


@command(
    BOOK,
    JSON,
    argument(
        "--csv",
        dest="as_csv",
        action="store_true",
        alone_in="form",
        help="As CSV in the columns that a venue takes: symbol, side, type, timeInForce, quantity, price, reduceOnly, "
        "newClientOrderId.",
    ),
    argument("--out", metavar="FILE.csv", type=as_path, help="Write that CSV into a new file."),
    FORCE,
    argument(
        "--anyway",
        action="store_true",
        help="Hand out orders though positions or inputs have changed since they were made; what has is said.",
    ),
    QUIET,
)
def orders(given: Namespace) -> bool:
    """Tell what BOOK has to trade: Weights and Hedge netted. BOOK is not changed, and nothing is sent.

    Orders that no longer follow from the positions held are not handed out. docs/orders.md tells more.
    """
    from ..runs.ordering import tell_orders

    return tell_orders(given)
