"""Orders as a venue takes them: one row an order, in the words of Binance's batch of orders for perpetual futures.

symbol, side, type, timeInForce, quantity, price, reduceOnly, newClientOrderId

Names and words are those of POST /fapi/v1/batchOrders (five a call); docs/orders.md says what they are elsewhere. The
same list has the same ids whenever it is written, so that an order which is sent twice is refused while the first is
open: letters and digits alone, as OKX asks.

Source: Binance, "Place Multiple Orders(TRADE)", USDⓈ-M Futures.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from core.errors import BookError

from ....books.atomic import replace_file
from ....books.target import content_of
from ....books.workbook import Block, CellValue
from ....symbols import as_cell_text

__all__ = ["UPLOAD", "order_rows", "orders_as_csv", "write_order_file"]

UPLOAD = ("symbol", "side", "type", "timeInForce", "quantity", "price", "reduceOnly", "newClientOrderId")

DIGITS = 12
"""Significant digits of a quantity or a price: more are rounding."""

ID_LETTERS = 22
"""Of the digest in an id; with the two before it below the 32 that OKX takes."""


def order_rows(orders: Block, fingerprint: str) -> list[dict[str, str]]:
    """The rows of the table Orders by the headings of UPLOAD; ids follow from them and the hash of the inputs.

    Raises BookError that names the cell of an order that cannot be sent.
    """
    rows = []
    for place in range(len(orders.rows)):
        cells = dict(zip(orders.header, orders.rows[place], strict=True))
        row = {
            "symbol": as_cell_text(str(cells["Symbol"])),
            "side": _side(cells["Side"], orders.address(place, "Side")),
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": _plain(cells["Contracts"], orders.address(place, "Contracts")),
            "price": _plain(cells["LimitPrice"], orders.address(place, "LimitPrice")),
            "reduceOnly": "true" if cells["ReduceOnly"] == "Y" else "false",
        }
        digest = hashlib.sha256("|".join([fingerprint, *row.values()]).encode()).hexdigest()
        rows.append({**row, "newClientOrderId": f"pd{digest[:ID_LETTERS]}"})
    return rows


def orders_as_csv(rows: Sequence[dict[str, str]]) -> str:
    """Under one line of headings."""
    text = io.StringIO()
    lines = csv.DictWriter(text, UPLOAD, lineterminator="\n")
    lines.writeheader()
    lines.writerows(rows)
    return text.getvalue()


def write_order_file(path: Path, rows: Sequence[dict[str, str]], *, force: bool) -> None:
    """Write them whole or not at all; with `force` over a file that is there, which is kept as `NAME.bak`.

    Raises BookError.
    """
    if path.suffix.lower() != ".csv":
        raise BookError(f"{path.name} is no name for orders; end it in .csv")
    if path.is_dir() or (path.exists() and not force):
        raise BookError(
            f"{path} exists; name another file with --out, or replace it with --force (it is kept as {path.name}.bak)"
        )
    replace_file(path, orders_as_csv(rows).encode(), before=content_of(path))


def _side(cell: CellValue, address: str) -> str:
    if cell not in ("BUY", "SELL"):
        raise BookError(f"{address}: {cell} is no side of an order; run Rebalance, then Hedge")
    return str(cell)


def _plain(cell: CellValue, address: str) -> str:
    """A number above zero without a power of ten."""
    if not isinstance(cell, float) or not 0 < cell < float("inf"):
        raise BookError(f"{address}: {cell} is no size or price of an order; run Rebalance, then Hedge")
    return format(Decimal(f"{cell:.{DIGITS}g}").normalize(), "f")
