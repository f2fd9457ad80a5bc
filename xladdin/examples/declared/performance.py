"""What returns were worth and made of, and what a policy would have made of a history."""

from __future__ import annotations

from ..example import Example, Input, Shown
from ..looks import A_YEAR, BPS, FIGURE, MOVE, ROWS, SHARE, SLOPE, STATISTIC, WORD, Look
from ..past import Past

__all__ = ["EXAMPLES", "SLIPS"]

COINS = ("BTC", "ETH", "SOL")
RETURNS = Past("Daily", "BTC return", "SOL return", start=1)
BARS = Look("0", "a year")
ROW = Look("0", "row")
COUNT = Look("0", "")
TURNOVER = Look('0.0"x"', "x a year")
FIRST_EQUITY = Look("0.00%;[Red]-0.00%", "of first equity")
HISTORY: dict[str, Input] = {
    "prices": Past("Daily", "BTC close", "SOL close"),
    "funding": Past("Daily", "BTC funding", "SOL funding"),
    "policy": WORD("risk_budget"),
    "window": ROWS(30.0),
    "rebalance": ROWS(7.0),
    "cost_bps": BPS(5.0),
}

EXAMPLES = (
    Example(
        "PERP_SHARPE",
        inputs={"returns": RETURNS, "risk_free": A_YEAR(0.04), "periods_per_year": BARS(365.0)},
        shows={"": Shown(STATISTIC, "Mean excess return / standard deviation, a year.")},
        across=COINS,
    ),
    Example(
        "PERP_DRAWDOWN",
        inputs={"returns": RETURNS},
        shows={
            "max_drawdown": Shown(SHARE, "Deepest fall from a peak, as a share of the peak."),
            "start_row": Shown(ROW, "Row of returns in which it began."),
            "trough_row": Shown(ROW, "Row in which it was deepest."),
            "recovery_row": Shown(ROW, "Row in which the peak was reached again; #N/A while it lasts."),
        },
        across=COINS,
    ),
    Example(
        "PERP_ATTRIBUTION",
        inputs={
            "portfolio_returns": Past("Daily", "SOL return", "SOL return", start=1),
            "market_returns": Past("Daily", "BTC return", "BTC return", start=1),
            "costs": Look("0.0000%", "a bar")(0.0001),
            "risk_free": A_YEAR(0.04),
            "periods_per_year": BARS(365.0),
        },
        shows={
            "total": Shown(MOVE, "Return over all rows; the parts sum to it."),
            "beta_part": Shown(MOVE, "What the market brought, through beta."),
            "alpha_part": Shown(MOVE, "What neither market nor funding nor costs explain."),
            "funding_part": Shown(MOVE, "Funding received; none is given here."),
            "cost_part": Shown(MOVE, "Costs."),
            "beta": Shown(SLOPE, "On the market."),
            "alpha_t": Shown(STATISTIC, "Newey-West t of alpha; beyond 2 it is hardly chance."),
        },
    ),
    Example(
        "PERP_BACKTEST",
        inputs={**HISTORY, "periods_per_year": BARS(365.0)},
        shows={
            "total_return": Shown(FIRST_EQUITY, "price_pnl - funding_paid - costs - liquidation_loss + interest."),
            "price_pnl": Shown(FIRST_EQUITY, "What prices brought."),
            "funding_paid": Shown(FIRST_EQUITY, "Funding as it settled on what was held."),
            "costs": Shown(FIRST_EQUITY, "Fee and slippage of every trade."),
            "liquidation_loss": Shown(FIRST_EQUITY, "What liquidations took."),
            "annual_return": Shown(A_YEAR, "Compounded."),
            "annual_volatility": Shown(A_YEAR, "Of the returns a row."),
            "sharpe": Shown(STATISTIC, "Of the returns a row."),
            "sortino": Shown(STATISTIC, "The same against falls alone."),
            "max_drawdown": Shown(SHARE, "Deepest fall from a peak."),
            "worst_period": Shown(MOVE, "Worst single row."),
            "turnover": Shown(TURNOVER, "Changes of weight summed, a year."),
            "beta": Shown(SLOPE, "On the mean return of the contracts."),
            "alpha": Shown(A_YEAR, "Beyond that."),
            "liquidations": Shown(COUNT, "How many."),
            "deflated_sharpe": Shown(SHARE, "Probability that the Sharpe ratio is above zero, for one trial."),
            "rebalances": Shown(COUNT, "Decisions."),
            "answered": Shown(SHARE, "Share of them in which the policy itself had an answer."),
            "interest": Shown(FIRST_EQUITY, "What the equity earned, where limits state a rate."),
        },
        across=COINS,
    ),
    Example(
        "PERP_BACKTEST_PATH",
        inputs={
            "prices": Past("Daily", "BTC close", "SOL close", count=34),
            "funding": Past("Daily", "BTC funding", "SOL funding", count=34),
            "policy": WORD("risk_budget"),
            "window": ROWS(30.0),
            "rebalance": ROWS(7.0),
            "cost_bps": BPS(5.0),
            "periods_per_year": BARS(365.0),
        },
        shows={"": Shown(FIGURE, "Equity, 1 before the first decision, then the weight of each contract, row by row.")},
        across=("equity", *COINS),
    ),
)

SLIPS = (
    Example(
        "PERP_BACKTEST",
        inputs={"prices": Past("Daily", "BTC close", "SOL close"), "policy": WORD("risk_budget")},
        shows={"": Shown(FIGURE, "The window is 720 rows unless another is given; the history has 91.")},
        slip="A history shorter than the window",
    ),
    Example(
        "PERP_SHARPE",
        inputs={"returns": MOVE.column(0.0, 0.0, 0.0)},
        shows={"": Shown(STATISTIC, "A return / a volatility of zero is not defined.")},
        slip="Returns that never move",
    ),
)
