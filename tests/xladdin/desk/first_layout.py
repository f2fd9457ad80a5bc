"""The columns, tables and settings of the first layout that desks were made in; nothing is ever added here."""

from __future__ import annotations

__all__ = ["COLUMNS", "SETTINGS"]

COLUMNS = {
    "Universe": (
        "Symbol Include Contract Price Lot Tick TakerFeeBps SlippageBps DailyVolume MaxLeverage "
        "MaintenanceRate MaintenanceAmount MinWeight MaxWeight ImpliedVol View Position EntryPrice "
        "OverlayPosition OverlayEntry Hedge Assumed"
    ),
    "Limits": "Limit Value",
    "Tiers": "Symbol MinNotional MaxNotional MaintenanceRate MaintenanceAmount MaxLeverage",
    "Scenarios": "Name MarketShock HorizonHours VolMultiplier FundingShock BetaShift MustSurvive",
    "Prices": "Time",
    "Funding": "Time",
    "Factors": "Time",
    "Estimates": (
        "Symbol Price Beta BetaError Alpha RSquared Volatility VolatilityNow VariancePremium "
        "FundingAnnual FundingKnown Premium View ExpectedReturn Observations MissingBars FirstReturn "
        "Note"
    ),
    "Market": "Measure Value Note",
    "Weights": (
        "Symbol Baseline Overlay Final Current Trade Contracts TargetPosition Notional Cost InitialMargin Side"
    ),
    "WeightsSummary": "Measure Value Note",
    "Hedge": (
        "Hedge Beta Held HeldPnL TradeNotional TradeContracts TargetPosition Cost FundingAnnual "
        "BetaBefore BetaAfter TargetBeta Due"
    ),
    "HedgeFactors": "Factor Before After Target",
    "Stress": (
        "Scenario MarketShock PnL Funding TotalPnL EquityAfter MarginRatio Liquidated FirstLiquidated "
        "Order Shortfall CapitalNeeded DailyVolatility Verdict"
    ),
    "StressSummary": "Measure Value Note",
    "Waterfall": "Step PnL Total Base Loss Gain",
    "Ladder": "Symbol Position Price LiquidationPrice Distance DailySigmas PriceAtFall",
    "Replays": "Rank Start End PnL EquityAfter Liquidated",
    "Frontier": "Point Return Volatility Sharpe",
    "Backtest": "Measure Policy Unhedged EqualWeight Note",
    "BacktestComparison": "Against Figure Difference Lower Upper Verdict",
    "BacktestAnswers": "Model Decisions Share First Last",
    "BacktestFalls": "Depth Peak Trough Recovered Days",
    "BacktestLimits": "Limit Permitted Worst When Bars AfterTrade",
    "BacktestLiquidations": "Time Symbol Weight PnL Kept EquityBefore EquityAfter",
    "BacktestPath": "Time Policy Unhedged EqualWeight Benchmark Drawdown UnhedgedDrawdown EqualDrawdown Gross Net",
    "BacktestDecisions": "Time Model Turnover",
    "Attribution": "Part PnL Contribution AYear T Total Base Loss Gain",
    "AttributionMonths": "Month Market Alpha Hedge Funding Fees Slippage Liquidation Interest Total Return",
    "AttributionBetas": "Quarter Beta Lower Upper T Bars",
    "Checks": "Check Status Value Limit Remedy",
    "Verification": "Figure Sheet Cell Cells Desk SecondOpinion Difference Tolerance Verdict Reason",
    "Runs": "Time Job Version InputsHash Parameters Model Solver Certificate Warnings",
}
"""The headings of each table, those that follow the contracts left out."""

SETTINGS = (
    "Equity MarginBuffer Benchmark RiskFree MarketReturn BarHours Window BetaMethod BetaHalflife RegimeWindow "
    "FundingMethod CovarianceMethod Objective TargetReturn RiskAversion NetTarget GrossMax PortfolioBeta "
    "TurnoverCost MaxStep Model OverlayCap VrpCoefficient SemivarianceAlpha FallbackAllowed WhenUnanswered "
    "VolTarget VolMode LeverageTilt TiltMost TiltReference MaxDrawdown BufferReserve PeakEquity PeakDays "
    "MonthStop MonthHighEquity Clock ClockHours LastTrade TradeAnyway NoTradeBand BandAim TargetBeta HedgeMode "
    "HedgeBand HedgeAim BookBasis BacktestFrom DecideEvery TradeDelay MarketInPast HedgeInPast "
    "CollateralInterest LiquidationFee Trials Seed HistoryFile"
)
"""The names of the cells of the sheet Settings."""
