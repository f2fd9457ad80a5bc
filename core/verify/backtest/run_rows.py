"""The rows of the limits block that speak of a backtest, each declared once: what it means and what it takes."""

from __future__ import annotations

from ...records import dataclass

__all__ = ["RUN_ROWS", "RunRow"]


@dataclass(frozen=True)
class RunRow:
    """One row: its name, what it means, what it takes and what holds where it is not stated."""

    name: str
    meaning: str
    takes: str = "one value"
    default: str = ""
    each: bool = False
    """Whether it takes one value a contract."""


RUN_ROWS = {
    row.name: row
    for row in (
        RunRow("trials", "strategies that were tried before this one was chosen", default="1"),
        RunRow("when_unanswered", "what answers where the policy cannot", "cash, min_variance or hold", "min_variance"),
        RunRow("delay", "from a decision to its trade", "one value (rows)", "0"),
        RunRow("liquidation_fee", "what the exchange keeps when it closes", "one value (of notional)", "0"),
        RunRow("interest", "on the equity of the account", "one value (a year)", "0"),
        RunRow("stop_loss", "loss at which a position is left, reached by closes", "one value (of the entry price)"),
        RunRow("isolated", "collateral of each position, which stands alone", "one value (of the notional)"),
        RunRow("volatility_target", "the whole book at this volatility, larger or smaller", "one value (a year)"),
        RunRow("volatility_ceiling", "the whole book no larger than for this volatility", "one value (a year)"),
        RunRow("leverage_tilt", "what weights lean with, each for itself", "volatility or premium"),
        RunRow("tilt_most", "largest multiple of a weight by that tilt", "one value, above 0", "1.5"),
        RunRow("tilt_reference", "premium at which a weight stays as it is", "one value (a year), above 0", "0.25"),
        RunRow(
            "drawdown_buffer", "largest drawdown; the nearer it is, the smaller the book", "one value (of the peak)"
        ),
        RunRow("buffer_reserve", "share of equity kept in reserve even at the peak", "one value (of equity)", "0"),
        RunRow("peak_days", "days of which the highest equity is the peak", "one value (days)", "90"),
        RunRow("month_stop", "fall from the month's high that closes all until it ends", "one value (of the high)"),
        RunRow("no_trade_band", "a weight nearer than this to the one wanted stays", "one value (x equity)", "0"),
        RunRow("band_aim", "where a trade goes that leaves the band", "edge or target", "edge"),
        RunRow("clock", "when to trade, of the rows in which one is asked", "every, drift or calm"),
        RunRow("clock_hours", "hours from trade to trade in usual times", "one value (hours), above 0", "24"),
        RunRow("hedges", "1 for the contracts of a hedge beside the book", "one value a contract", each=True),
        RunRow("hedge_target", "exposure of the whole with that hedge", "one value", "0"),
        RunRow("hedge_to", "to the beta of the market, or to each contract of the hedge", "market or hedges", "market"),
        RunRow("hedge_halflife", "age at which a row counts half, for the loadings on hedges", "one value (rows)"),
    )
}
"""By name, in the order of the page."""
