"""Stress: shocks, the move that liquidates, the worst of the past, simulated days."""

from __future__ import annotations

from ..example import Example, Shown
from ..looks import CONTRACTS, MOVE, QUOTE, ROWS, SHARE, SLOPE, USDT, Look
from ..past import Past

__all__ = ["EXAMPLES", "SLIPS"]

COINS = ("BTC", "ETH", "SOL")
HELD = CONTRACTS(0.5, 8.0, 150.0)
PRICES = QUOTE(60_000.0, 3_000.0, 150.0)
BETAS = SLOPE(1.0, 0.95, 1.42)
EQUITY = USDT(20_000.0)
COUNT = Look("0", "contracts")
POSITION = Look("0", "position")
CHANCE = Look("0.0%", "probability")

EXAMPLES = (
    Example(
        "PERP_STRESS",
        inputs={
            "quantities": HELD,
            "prices": PRICES,
            "betas": BETAS,
            "equity": EQUITY,
            "market_shocks": MOVE(-0.05, -0.10, -0.23),
            "maintenance_rates": SHARE(0.01),
            "funding_shock": MOVE(0.001),
        },
        shows={
            "market_shock": Shown(MOVE, "Move of the market."),
            "pnl": Shown(USDT, "Of prices: beta x shock."),
            "funding": Shown(USDT, "One settlement, from equity."),
            "equity_after": Shown(USDT, "What is left."),
            "margin_ratio": Shown(SHARE, "Maintenance / equity; 100 % liquidates."),
            "liquidated": Shown(COUNT, "How many go."),
            "first_liquidated": Shown(POSITION, "Which goes first."),
            "shortfall": Shown(USDT, "Capital that would have held it."),
        },
        across=COINS,
    ),
    Example(
        "PERP_STRESS_REVERSE",
        inputs={
            "quantities": HELD,
            "prices": PRICES,
            "betas": BETAS,
            "equity": EQUITY,
            "maintenance_rates": SHARE(0.01),
        },
        shows={
            "adverse_shock": Shown(MOVE, "Smallest move of the market, up or down, that liquidates the account."),
            "price": Shown(QUOTE, "Of each contract there."),
        },
        across=COINS,
    ),
    Example(
        "PERP_STRESS_HISTORY",
        inputs={
            "quantities": HELD,
            "prices": PRICES,
            "equity": EQUITY,
            "price_history": Past("Daily", "BTC close", "SOL close"),
            "horizon": ROWS(2.0),
            "worst": ROWS(3.0),
        },
        shows={
            "window": Shown(Look("0", ""), "1 = the worst."),
            "start_row": Shown(Look("0", "row"), "Of the history, before the fall."),
            "end_row": Shown(Look("0", "row"), "Of the history, after it."),
            "pnl": Shown(USDT, "On today's book."),
            "equity_after": Shown(USDT, "What is left."),
            "liquidated": Shown(COUNT, "1 where the account went on the way."),
        },
        across=COINS,
    ),
    Example(
        "PERP_STRESS_MONTE_CARLO",
        inputs={
            "quantities": HELD,
            "prices": PRICES,
            "equity": EQUITY,
            "returns": Past("Daily", "BTC return", "SOL return", start=1),
            "scenarios": Look("#,##0", "paths")(2_000.0),
            "horizon": ROWS(5.0),
            "seed": Look("0", "seed")(1.0),
        },
        shows={
            "var_95": Shown(USDT, "Loss over 5 days that 5 % of the paths exceed."),
            "var_99": Shown(USDT, "The same of 1 %."),
            "es_95": Shown(USDT, "Mean loss of the worst 5 %."),
            "es_99": Shown(USDT, "Mean loss of the worst 1 %."),
            "probability_of_liquidation": Shown(CHANCE, "Share of the paths that liquidate on the way."),
            "capital_for_99": Shown(USDT, "Equity with which 99 % of the paths survive."),
        },
        across=COINS,
    ),
)

SLIPS = (
    Example(
        "PERP_STRESS",
        inputs={
            "quantities": HELD,
            "prices": QUOTE(60_000.0, 3_000.0),
            "betas": BETAS,
            "equity": EQUITY,
            "market_shocks": MOVE(-0.10),
        },
        shows={"": Shown(USDT, "One price for each contract that is held.")},
        across=COINS,
        slip="Three positions, two prices",
    ),
    Example(
        "PERP_STRESS_REVERSE",
        inputs={"quantities": HELD, "prices": PRICES, "betas": BETAS, "equity": USDT(-500.0)},
        shows={"": Shown(USDT, "An account without equity is gone already.")},
        across=COINS,
        slip="Equity below zero",
    ),
)
