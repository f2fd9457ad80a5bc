"""What each check of the desk means and its remedy, for the guide: one entry a check, by the part of the desk.

A check that is not told here fails tests/xladdin/hosts/guide, which names it.
"""

from __future__ import annotations

from typing import Literal

from core.market.broken_prices import LARGEST_STEP
from core.records import dataclass
from core.tolerances import REPORTED

from ...desk.day.checks.backtest import ANSWERED
from ...desk.day.checks.book_risk import FEW_HORIZONS
from ...desk.day.checks.prices import JUMP, STILL
from ...desk.day.checks.sweep import NO_LUCK
from ...desk.day.checks.weights import LOT_LOSS
from ...desk.day.enough import FEW_RETURNS
from ...desk.read.history import FULLY

__all__ = ["CHECKS", "Explained", "Severity"]

Severity = Literal["fails", "warns", "warns or fails", "never"]
"""What a check does when it is not met; one that never fails only tells something."""


@dataclass(frozen=True)
class Explained:
    """A check by the name it has on the sheet Checks: how bad it is when not met, what it looks at, what to do."""

    name: str
    severity: Severity
    meaning: str
    remedy: str


STALE = "Inputs that the result follows from have changed since it was written"
REPORT = "Do not rely on the figures; report the run with its workbook."

CHECKS: dict[str, tuple[Explained, ...]] = {
    "History": (
        Explained(
            "Every bar has a price",
            "warns",
            "A contract in play has no close in some bar of the window. Its returns there are left out, never filled.",
            "Refresh again. A contract that was listed late stands on its own rows, which may be accepted.",
        ),
        Explained(
            "Rows behind the covariance",
            "warns",
            f"The contract with fewest returns has fewer than {FEW_RETURNS} in the window (Observations on Estimates).",
            "Hold little of it, leave it out, or set a longer Window.",
        ),
        Explained(
            "No price jumped and came back",
            "warns",
            f"A close moved more than {JUMP:.0f} robust deviations from its neighbours, beyond what most contracts "
            "did in that "
            "bar, and went back in the next: it looks like a slip.",
            "Look at that close on Prices; correct it, or leave it if the market really did that.",
        ),
        Explained(
            "No price jumped in the last bar",
            "warns",
            "The same, in the last bar, where nobody can see yet whether it comes back.",
            "Compare the last close with the exchange before you trade on it.",
        ),
        Explained(
            "No price broke in one bar",
            "warns",
            f"A price is more than {LARGEST_STEP:.0f} times the one before, or that part of it. Contracts that "
            "change their "
            "unit (1 to 1000 coins) do that; beta, risk and backtest take it for a move.",
            "Correct a slip. Where the unit changed, begin the history after it.",
        ),
        Explained(
            "Every price is of the last bar",
            "warns or fails",
            f"A contract in play has no close in the last bar, so its price is an old one. Beyond {STILL} bars it "
            "fails.",
            "Refresh; or set Include to N for a contract that trades no more.",
        ),
        Explained(
            "Every price moves",
            "warns",
            f"A close is the same for more than {STILL} bars in a row: no beta is known of a price that stands.",
            "Mend its history, or leave the contract out.",
        ),
        Explained(
            "Funding is known for the window",
            "warns",
            f"Of some contract the settlements of less than {FULLY:.0%} of the time are there. A year of funding is "
            "then that "
            "of the days that are known.",
            "Refresh with the funding of the whole window.",
        ),
        Explained(
            "Funding is as it settled",
            "warns",
            "On the sheet Funding some rates stand in every row and change only where a settlement is due, as rates do "
            "that are carried forward, and each row counts; or they are so large that they may be per cent.",
            "Leave each rate in the bar in which it settled, or Refresh from the file they came from; divide per cent "
            "by 100.",
        ),
        Explained(
            "No contract has assumed terms",
            "warns",
            "Refresh added a contract and assumed its lot, cost, leverage and maintenance (Assumed is Y on Universe).",
            "Enter the terms as your venue has them and set Assumed to N.",
        ),
    ),
    "Weights": (
        Explained(
            "Weights belong to today's inputs",
            "fails",
            f"{STALE}, or other contracts are in play.",
            "Run Rebalance again before you trade.",
        ),
        Explained(
            "A model chose the weights",
            "fails",
            "No model had an answer, so what is held was kept: that is no decision.",
            "The warnings of Runs say why none answered; mostly limits contradict each other or nothing earns its "
            "risk.",
        ),
        Explained(
            "The book has the size that Settings ask for",
            "never",
            "Stands where VolTarget, LeverageTilt, MaxDrawdown or MonthStop size the book, and says which acted.",
            "Nothing: it tells why sums differ from their targets.",
        ),
        Explained(
            "Trades wait for the clock",
            "never",
            "Stands where Clock is not due: the target is shown and nothing is ordered.",
            "Nothing; set TradeAnyway to Y to trade now.",
        ),
        Explained(
            "Gross exposure is within its limit",
            "fails",
            "The sum of absolute weights is beyond GrossMax, or gross_max on Limits.",
            "Run Rebalance again.",
        ),
        Explained(
            "Net exposure meets its target",
            "fails",
            "The sum of the weights is not NetTarget, or outside net_min and net_max.",
            "Run Rebalance again.",
        ),
        Explained(
            "Portfolio beta meets its target",
            "fails",
            "The beta of the weights is further from its target than the tolerance.",
            "Run Rebalance again.",
        ),
        Explained(
            "No limit is broken",
            "fails",
            "Some limit of Settings, Universe or Limits is exceeded by more than rounding.",
            "Run Rebalance again.",
        ),
        Explained(
            "Each weight is within its limits",
            "fails",
            "A weight is below its MinWeight or above its MaxWeight; the worst is named.",
            "Run Rebalance again.",
        ),
        Explained(
            "Lots let the weights be held",
            "warns",
            f"Whole lots leave a contract more than {LOT_LOSS:.0%} of equity away from its weight.",
            "Accept it, or leave out contracts whose lot is large for the account.",
        ),
        Explained(
            "Initial margin leaves the buffer free",
            "fails",
            "Initial margin of the book takes more than 1 - MarginBuffer of equity.",
            "Run Rebalance again.",
        ),
        Explained(
            "The optimum is certified",
            "fails",
            f"The largest residual of the conditions of an optimum is above {REPORTED:.0e}: "
            "[optimum](methods/optimum.md).",
            "Do not trade on it; report the run.",
        ),
    ),
    "Risk and positions": (
        Explained(
            "Volatility of the book is at least |beta| x market's",
            "warns",
            "That holds for any weights if beta and covariance speak of the same rows. Where it does not, an optimiser "
            "buys the difference.",
            "Leave out young contracts (Observations on Estimates), or choose methods that weigh rows alike.",
        ),
        Explained(
            "Parts of each risk sum to it",
            "fails",
            "Shares and parts on Risk do not sum to their last row.",
            REPORT,
        ),
        Explained(
            "Risk shows the positions held now",
            "warns",
            "Positions, prices or equity have changed since Risk was written.",
            "Run Rebalance again.",
        ),
        Explained(
            "The risk horizon fits the window often",
            "warns",
            f"Fewer than {FEW_HORIZONS} stretches of RiskHorizonHours fit into the window: so few tell little of a "
            "tail.",
            "Refresh with more bars, widen Window, or shorten RiskHorizonHours.",
        ),
        Explained(
            "Open profits are those of today's entries",
            "warns",
            "Positions, entries or prices have changed since Positions was written.",
            "Run Rebalance again.",
        ),
        Explained(
            "Positions end where they do today",
            "warns",
            "Prices of liquidation or stops on Positions are not those of today's margin: positions, prices, equity, "
            "Tiers, MarginMode, Collateral or Stop have changed since.",
            "Run Rebalance again.",
        ),
    ),
    "Hedge": (
        Explained(
            "Beta after the hedge is within the band",
            "fails",
            "Beta of the book with its hedge is further than HedgeBand from TargetBeta.",
            "Run Hedge again, allow smaller lots or orders (SmallestOrder), or widen the band.",
        ),
        Explained(
            "Gross exposure with the hedge is within its limit",
            "warns",
            "Book and hedge together are beyond GrossMax.",
            "Choose a nearer TargetBeta, or hold less.",
        ),
        Explained(
            "Equity pays for the instruments and the margin of the hedged book",
            "warns",
            "What is held of the sheet Hedges and the initial margin of the contracts take more than Equity.",
            "Hold less, or choose hedges that take no cash.",
        ),
    ),
    "Orders": (
        Explained(
            "Orders start from the positions held now",
            "fails",
            "Position or OverlayPosition of Universe has changed since the list was made, as after it was traded: sent "
            "again, it would be traded twice. `perpdesk orders` hands nothing out then.",
            "Run Rebalance, then Hedge.",
        ),
        Explained("Orders belong to today's inputs", "warns", f"{STALE}.", "Run Rebalance, then Hedge."),
        Explained(
            "Orders are the trades of Weights and Hedge",
            "fails",
            "Orders of a contract come to something else than the trades of both sheets, by more than a lot or a "
            "smallest order.",
            "Run Rebalance, then Hedge.",
        ),
        Explained(
            "Margin after the orders is that of the positions after",
            "fails",
            "The margin that OrdersSummary states does not follow from the positions after its orders.",
            "Do not send them; report the run with its workbook.",
        ),
        Explained(
            "Each limit is on its tick",
            "warns",
            "Universe has no Tick for a contract, or one as wide as its price, so its limit is not rounded.",
            "Enter the Tick of your venue; it may refuse these limits.",
        ),
        Explained(
            "Equity covers the initial margin after the orders",
            "fails",
            "The venue would refuse some of the orders: together the positions need more initial margin than equity.",
            "Hold less, or add capital.",
        ),
    ),
    "Stress": (
        Explained("Stress belongs to today's inputs", "warns", f"{STALE}.", "Run Stress again."),
        Explained(
            "Every scenario could be run",
            "warns",
            "A row of Scenarios could not be read or applied; Runs names it.",
            "Mend that row, then run Stress again.",
        ),
        Explained(
            "What must be survived liquidates nothing",
            "fails",
            "A scenario with MustSurvive Y liquidates a position.",
            "Hold less, hedge more or add capital: Shortfall on Stress says how much.",
        ),
        Explained(
            "No other scenario liquidates a position",
            "warns",
            "A scenario without MustSurvive does.",
            "Decide whether that is accepted; the remedies are the same.",
        ),
        Explained(
            "Each stop comes before liquidation",
            "warns",
            "The exchange closes a position on the way to its Stop, so that protects nothing.",
            "Set the Stop nearer, or give the position more collateral.",
        ),
        Explained(
            "No stop is passed already",
            "warns",
            "The price is beyond the Stop of a position now.",
            "Close the position, or set another Stop.",
        ),
    ),
    "Backtest": (
        Explained("Backtest belongs to today's inputs", "warns", f"{STALE}.", "Run Backtest again."),
        Explained(
            "Every bar of the backtest is its parts",
            "fails",
            "In some bar the change of equity is not the sum of prices, funding, fees, slippage, liquidation and "
            "interest.",
            REPORT,
        ),
        Explained(
            "Parts of the backtest sum to its result",
            "fails",
            "Costs, attribution or months do not make up the total return.",
            REPORT,
        ),
        Explained(
            "The backtest liquidates nothing",
            "fails",
            "The policy would have been liquidated in the desk's own history (BacktestLiquidations).",
            "Hold less or hedge more.",
        ),
        Explained(
            "The model itself answered in the backtest",
            "warns",
            f"In fewer than {ANSWERED:.0%} of the decisions the chosen model answered (BacktestAnswers).",
            "Judge what is shown as that of the mixture, or make the limits ones that the model can keep.",
        ),
        Explained(
            "Trades of the backtest end within limits",
            "warns",
            "Lots, or a contract that had no price, let a trade end beyond a limit (BacktestLimits).",
            "Look whether it is rounding; else set smaller lots or wider limits.",
        ),
    ),
    "Sweep and training": (
        Explained("Sweep belongs to today's inputs", "warns", f"{STALE}.", "Run the sweep again."),
        Explained(
            "The best of the sweep is no luck",
            "warns",
            f"The deflated Sharpe ratio of the best is below {NO_LUCK:g}: among so many, one would look as good "
            "without skill.",
            "Do not trade it for its ratio.",
        ),
        Explained(
            "Choosing from the sweep means something",
            "warns",
            "The best in one half of the history is below the median in the other half as often as not.",
            "Trust a plateau of the map rather than the best row.",
        ),
        Explained("Learning belongs to today's inputs", "warns", f"{STALE}.", "Run Train again."),
        Explained(
            "The trained policy is kept by its guard",
            "warns",
            "Model is reinforced, and its policy was not worth its trouble on rows it had not learned from.",
            "The base answers. Choose the base's own model, or train again once there is more history.",
        ),
    ),
}
