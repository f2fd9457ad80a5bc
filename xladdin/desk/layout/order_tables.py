"""The tables of the sheet Orders: what is to be traded, what it comes to, and what its chart draws."""

from __future__ import annotations

from .fields import COUNT, MIXED, MONEY, PERCENT, PRICE, QUANTITY, TEXT, TIME, YES_NO, Column, Measure, TableLayout
from .page_tables import LARGEST

__all__ = ["ORDERS", "ORDERS_SUMMARY", "ORDER_BARS"]

ORDERS_SUMMARY = TableLayout(
    "OrdersSummary",
    "Orders",
    (
        Column("Measure", "Of all orders", width=21),
        Column("Value", "In this list", "see note", MIXED, 15.5),
        Column("Note", "Unit and meaning", width=13, reach=4),
    ),
    measures=(
        Measure("Made of", "trades that are netted here: Weights alone, until Hedge has run on it", TEXT),
        Measure("Orders", "count", COUNT),
        Measure("Bought", "USDT", MONEY),
        Measure("Sold", "USDT", MONEY),
        Measure("Only closing", "orders that are sent as reduce-only", COUNT),
        Measure("Fee", "USDT, of taker orders", MONEY),
        Measure("Slippage", "USDT, up to the limits", MONEY),
        Measure("Funding", "USDT, what the orders add at the next settlements; + = paid", MONEY),
        Measure("Saved by netting", "USDT of cost, where Weights and Hedge trade against each other", MONEY),
        Measure("Left out as dust", "trades and orders worth less than SmallestOrder", COUNT),
        Measure("Worth of the dust", "USDT, sum of absolute amounts", MONEY),
        Measure("Waiting for the clock", "trades of Weights that are not ordered yet", COUNT),
        Measure("Beside this list", "trades of Hedges (spot, options ...), which stand on HedgeChoice", COUNT),
        Measure("Without a tick", "orders whose limit is not rounded, as Universe has no Tick", COUNT),
        Measure("Initial margin before", "USDT, of all that is held, the overlay too", MONEY),
        Measure("Initial margin after", "USDT, once all orders are filled", MONEY),
        Measure("Margin used after", "of equity", PERCENT),
        Measure("Headroom after", "USDT of equity above initial margin", MONEY),
    ),
    later=True,
)

ORDERS = TableLayout(
    "Orders",
    "Orders",
    (
        Column("Symbol", "What only closes first, then the largest", width=21),
        Column("Side", "Of the order", width=15.5, choices=("BUY", "SELL")),
        Column("Contracts", "Whole lots", "contracts", QUANTITY, 14.5),
        Column("Notional", "At Price of Universe", "USDT", MONEY, 12.5),
        Column("LimitPrice", "Slippage away from Price, on the tick", "USDT", PRICE, 12),
        Column("Reason", "Who wants it", width=11, choices=("rebalance", "hedge", "both")),
        Column("Rebalance", "Its trade; + = buy", "contracts", QUANTITY, 14.5),
        Column("Hedge", "Its trade; + = buy", "contracts", QUANTITY, 14.5),
        Column("ReduceOnly", "Only closes", "Y / N", width=11.5, choices=YES_NO),
        Column("PositionBefore", "Held now, the overlay too", "contracts", QUANTITY, 14.5),
        Column("PositionAfter", "Once it is filled", "contracts", QUANTITY, 14.5),
        Column("Fee", "Of a taker", "USDT", MONEY, 9),
        Column("Slippage", "Up to the limit", "USDT", MONEY, 9.5),
        Column("Funding", "At the next settlement; + = paid", "USDT", MONEY, 10),
        Column("Settles", "The next, by the last one", "UTC", TIME, 15.5),
        Column("MarginBefore", "Initial, of the position", "USDT", MONEY, 13.5),
        Column("MarginAfter", "Once it is filled", "USDT", MONEY, 12.5),
        Column("Note", "What is to be known", width=25, wrap=True),
    ),
    header_row=28,
    later=True,
)

ORDER_BARS = TableLayout(
    "OrderBars",
    "Orders",
    (
        Column("Symbol", "Of the chart: the largest, and the others in one bar", width=16),
        Column("Rebalance", "Of the order; + = buy", "USDT", MONEY, 13),
        Column("Hedge", "Of the order; + = buy", "USDT", MONEY, 13),
    ),
    first_column=21,
    most_rows=LARGEST + 1,
    later=True,
)
