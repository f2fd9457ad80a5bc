"""Liquidation prices by the venues' rules, margin tiers, the margin of an account."""

from __future__ import annotations

from ..example import Example, Shown
from ..looks import CONTRACTS, FIGURE, MOVE, QUOTE, SHARE, TIMES_EQUITY, USDT, WORD, Given, Look

__all__ = ["EXAMPLES", "SLIPS"]

LEVERAGE = Look('0"x"', "x")
TIERS = Given(
    (
        (0.0, 50_000.0, 0.004, 0.0, 125.0),
        (50_000.0, 250_000.0, 0.005, 50.0, 100.0),
        (250_000.0, 1_000_000.0, 0.01, 1_300.0, 50.0),
    ),
    (USDT.format, USDT.format, SHARE.format, USDT.format, LEVERAGE.format),
    "USDT, rates",
    ("min_notional", "max_notional", "rate", "amount", "max_leverage"),
)

EXAMPLES = (
    Example(
        "PERP_LIQUIDATION",
        inputs={
            "quantity": CONTRACTS(109.488),
            "entry_price": QUOTE(32_481.98),
            "collateral": USDT(1_535_443.01),
            "maintenance_rate": SHARE(0.025),
            "maintenance_amount": USDT(16_300.0),
        },
        shows={"": Shown(QUOTE, "Below this price the long is liquidated; published as 18,778.73.")},
        across=("BTC",),
        source="Binance, How to Calculate Liquidation Price of USD-M Futures Contracts (FAQ), isolated margin.",
    ),
    Example(
        "PERP_LIQUIDATION_CROSS",
        inputs={
            "quantities": CONTRACTS(109.488, 3_683.979),
            "entry_prices": QUOTE(32_481.98, 1_456.84),
            "mark_prices": QUOTE(31_967.27, 1_335.18),
            "wallet_balance": USDT(1_535_443.01),
            "maintenance_rates": SHARE(0.025, 0.1),
            "maintenance_amounts": USDT(16_300.0, 135_365.0),
        },
        shows={"": Shown(QUOTE, "Each with the other at its mark; published as 26,316.89 and 1,153.26.")},
        across=("BTC", "ETH"),
        source="Binance, the same page, cross margin.",
    ),
    Example(
        "PERP_TIER",
        inputs={"notional": USDT(-60_000.0, 900_000.0), "tiers": TIERS},
        shows={
            "maintenance_rate": Shown(SHARE, "Of the tier that holds the notional, long or short."),
            "maintenance_amount": Shown(USDT, "Off notional x rate, so that margin does not jump between tiers."),
            "max_leverage": Shown(LEVERAGE, "Largest leverage the venue allows there."),
        },
        across=("Short", "Long"),
    ),
    Example(
        "PERP_MARGIN",
        inputs={
            "quantities": CONTRACTS(1.5, -20.0),
            "mark_prices": QUOTE(60_000.0, 3_000.0),
            "equity": USDT(20_000.0),
            "maintenance_rates": SHARE(0.01),
            "max_leverage": LEVERAGE(20.0),
        },
        shows={
            "gross": Shown(USDT, "1.5 x 60,000 + 20 x 3,000: longs and shorts together."),
            "net": Shown(USDT, "Longs less shorts."),
            "leverage": Shown(TIMES_EQUITY, "Gross / equity."),
            "initial_margin": Shown(USDT, "Gross / 20: what the venue wants to open it."),
            "maintenance_margin": Shown(USDT, "1 % of gross: below this equity it liquidates."),
            "margin_ratio": Shown(SHARE, "Maintenance margin / equity; liquidation at 100 %."),
            "headroom": Shown(USDT, "Equity less initial margin: free for more."),
            "distance_to_liquidation": Shown(MOVE, "How far all prices may move against the net position."),
        },
        across=("BTC", "ETH"),
        source="By hand.",
    ),
)

SLIPS = (
    Example(
        "PERP_LIQUIDATION",
        inputs={
            "quantity": CONTRACTS(1.0),
            "entry_price": QUOTE(100.0),
            "collateral": USDT(100.0),
            "maintenance_rate": SHARE(0.01),
        },
        shows={"": Shown(QUOTE, "No price exists, so none is shown: #N/A, not zero.")},
        slip="A long without leverage, which no price above zero liquidates",
    ),
    Example(
        "PERP_LIQUIDATION",
        inputs={
            "quantity": CONTRACTS(1.0),
            "entry_price": QUOTE(100.0),
            "collateral": USDT(0.5),
            "maintenance_rate": SHARE(0.01),
        },
        shows={"": Shown(QUOTE, "Not defined: the position could not have been opened.")},
        slip="Collateral below the maintenance margin from the start",
    ),
    Example(
        "PERP_LIQUIDATION",
        inputs={
            "quantity": CONTRACTS(1.0),
            "entry_price": QUOTE(100.0),
            "collateral": USDT(40.0),
            "maintenance_rate": SHARE(0.01),
            "contract": WORD("inverted"),
        },
        shows={"": Shown(FIGURE, "The two that are known are named.")},
        slip="A contract type that does not exist",
    ),
)
