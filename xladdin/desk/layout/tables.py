"""The desk's tables by name, in the order of its day."""

from __future__ import annotations

from . import backtest_tables, input_tables, page_tables, result_tables, risk_tables, sweep_tables
from .fields import TableLayout

__all__ = ["TABLES"]

TABLES: dict[str, TableLayout] = {
    table.name: table
    for table in (
        input_tables.UNIVERSE,
        input_tables.LIMITS,
        input_tables.TIERS,
        input_tables.SCENARIOS,
        input_tables.PRICES,
        input_tables.FUNDING,
        input_tables.FACTORS,
        result_tables.ESTIMATES,
        page_tables.ESTIMATES_LARGEST,
        result_tables.MARKET,
        result_tables.WEIGHTS,
        page_tables.WEIGHTS_LARGEST,
        result_tables.WEIGHTS_SUMMARY,
        risk_tables.RISK_SUMMARY,
        risk_tables.RISK_LOSSES,
        risk_tables.TOP_RISKS,
        risk_tables.RISK_LIMITS,
        risk_tables.RISK_EXPOSURE,
        risk_tables.RISK,
        risk_tables.TARGET_LOSSES,
        risk_tables.HELD_LOSSES,
        risk_tables.CORRELATION_SUMMARY,
        risk_tables.CORRELATION,
        risk_tables.POSITIONS_SUMMARY,
        risk_tables.POSITIONS,
        risk_tables.POSITION_BARS,
        result_tables.HEDGE,
        page_tables.HEDGE_LARGEST,
        page_tables.HEDGE_SUMMARY,
        result_tables.HEDGE_FACTORS,
        result_tables.STRESS,
        result_tables.STRESS_SUMMARY,
        page_tables.STRESS_MAP,
        result_tables.WATERFALL,
        page_tables.WATERFALL_BARS,
        result_tables.LADDER,
        result_tables.REPLAYS,
        result_tables.SAFEGUARDS,
        result_tables.FRONTIER,
        page_tables.FRONTIER_POINTS,
        backtest_tables.BACKTEST,
        backtest_tables.BACKTEST_COMPARISON,
        backtest_tables.BACKTEST_ANSWERS,
        backtest_tables.BACKTEST_FALLS,
        backtest_tables.BACKTEST_LIMITS,
        backtest_tables.BACKTEST_LIQUIDATIONS,
        backtest_tables.BACKTEST_PATH,
        backtest_tables.BACKTEST_DECISIONS,
        backtest_tables.ATTRIBUTION,
        page_tables.ATTRIBUTION_BARS,
        backtest_tables.ATTRIBUTION_MONTHS,
        backtest_tables.ATTRIBUTION_BETAS,
        sweep_tables.SWEEP_SUMMARY,
        sweep_tables.SWEEP,
        sweep_tables.SWEEP_MAP,
        result_tables.CHECKS,
        result_tables.VERIFICATION,
        result_tables.RUNS,
    )
}
