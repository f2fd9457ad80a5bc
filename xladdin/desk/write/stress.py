"""What Stress found, as the tables of the sheets Stress and Liquidation."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.arrays import Array, Rows
from core.errors import listed

from ...books.workbook import Workbook
from ..day.margins.closing import FARTHEST
from ..day.stressing import StressRun
from ..layout.page_tables import LARGEST
from ..read.inputs import Desk
from .largest import Folded, folded
from .results import blank_where_nan, clear, measured, write_columns

__all__ = ["bars_of", "floating_bars", "write_stress"]


CALL_RATIO = 0.8
"""Share of equity eaten by maintenance margin at which venues send a margin call."""


def write_stress(book: Workbook, desk: Desk, run: StressRun) -> None:
    """All tables of the sheets Stress, StressMap and Liquidation."""
    order = np.argsort(run.total_pnl, kind="stable")
    _write_scenarios(book, desk, run, order)
    _write_map(book, desk, run, order)
    _write_summary(book, desk, run)
    _write_ladder(book, desk, run)
    _write_waterfall(book, desk, run)
    _write_replays(book, desk, run)
    _write_safeguards(book, desk, run)


def _write_scenarios(book: Workbook, desk: Desk, run: StressRun, order: Rows) -> None:
    """One row a scenario, the largest loss first, with a verdict a person can read."""
    symbols, result = desk.universe.symbols, run.stress
    firsts = [None if np.isnan(first) else symbols[int(first) - 1] for first in result.first_liquidated]
    columns: dict[str, Any] = {
        "Scenario": desk.scenarios.names,
        "MarketShock": result.market_shock,
        "PnL": run.pnl,
        "Funding": run.funding,
        "TotalPnL": run.total_pnl,
        "EquityAfter": run.whole(result.equity_after),
        "MarginRatio": result.margin_ratio,
        "Liquidated": result.liquidated,
        "FirstLiquidated": firsts,
        "Order": [_order(run, scenario, symbols) for scenario in range(len(result.pnl))],
        "Shortfall": result.shortfall,
        "CapitalNeeded": run.capital.needed + run.beside.set_aside,
        "DailyVolatility": run.daily_volatilities,
        "Verdict": [_verdict(*row) for row in zip(result.liquidated, result.margin_ratio, strict=True)],
        "CriticalBetaShift": blank_where_nan(run.critical_shifts),
        "EquityClosed": run.whole(result.path_equity),
        "Stops": [
            listed(symbol for symbol, is_passed in zip(symbols, passed, strict=True) if is_passed) or None
            for passed in run.gaps.passed
        ],
        "BeyondStops": run.gaps.beyond.sum(axis=1),
        "EquityAtStops": [None] * len(result.pnl) if run.at_stops is None else run.whole(run.at_stops.path_equity),
    }
    write_columns(book, "Stress", {name: [values[row] for row in order] for name, values in columns.items()})


def _write_map(book: Workbook, desk: Desk, run: StressRun, order: Rows) -> None:
    """What each contract and instrument makes of each scenario, funding included, so that a row sums to its total.

    The one that loses most in any scenario first, and together those after the largest.
    """
    result = run.stress
    contracts = result.contract_pnl - result.shocks.funding[:, np.newaxis] * result.book.values
    profits = np.hstack([contracts, run.beside.pnl + run.beside.funding])
    names = (*desk.universe.symbols, *run.beside.names)
    held = np.append(np.flatnonzero(run.contracts), np.arange(contracts.shape[1], profits.shape[1]))
    columns = held[np.argsort(profits[:, held].min(axis=0), kind="stable")]
    profits = profits[order] + 0.0
    write_columns(
        book,
        "StressMap",
        {
            "Scenario": [desk.scenarios.names[row] for row in order],
            "InAll": run.total_pnl[order],
            "Funding": [value or None for value in run.funding[order].tolist()],
            "Others": profits[:, columns[LARGEST:]].sum(axis=1) if len(columns) > LARGEST else None,
            **{names[column]: profits[:, column] for column in columns},
        },
    )


def _order(run: StressRun, scenario: int, symbols: tuple[str, ...]) -> str | None:
    """Who is liquidated, in order; None when nobody is."""
    if not run.stress.liquidated[scenario]:
        return None
    fallen = dict.fromkeys(closing.column - 1 for closing in run.stress.path(scenario).closings)
    return listed(symbols[column] for column in fallen)


def _verdict(liquidated: float, margin_ratio: float) -> str:
    if liquidated:
        return "liquidated"
    return "margin call" if margin_ratio >= CALL_RATIO else "survives"


def _write_summary(book: Workbook, desk: Desk, run: StressRun) -> None:
    risk = run.simulated.figures
    write_columns(
        book,
        "StressSummary",
        measured(
            "StressSummary",
            [
                desk.settings.equity,
                run.capital.every + run.beside.set_aside,
                run.capital.missing,
                *([0.0, 0.0] if run.reach is None else blank_where_nan([run.reach.fall, run.reach.rise])),
                run.worst_case.pnl,
                float(run.history.pnl[0]),
                risk.var_95,
                risk.var_99,
                risk.es_99,
                risk.probability_of_liquidation,
                risk.capital_for_99,
            ],
        ),
    )


def _write_ladder(book: Workbook, desk: Desk, run: StressRun) -> None:
    """What is held, the nearest to its liquidation price first; a price that none reaches is blank."""
    ladder, reach = run.ladder, run.reach
    if ladder is None or reach is None:
        clear(book, ["Ladder"])
        return
    reached = np.abs(ladder.distance) <= FARTHEST
    held = np.flatnonzero(run.contracts)
    order = held[np.argsort(np.where(reached, np.abs(ladder.distance), np.inf)[held], kind="stable")]

    def shown(figures: Array) -> list[float | None]:
        return blank_where_nan(np.where(reached, figures, np.nan)[order])

    write_columns(
        book,
        "Ladder",
        {
            "Symbol": np.array(desk.universe.symbols)[order].tolist(),
            "Position": run.contracts[order],
            "Price": desk.universe.prices[order],
            "LiquidationPrice": shown(ladder.price),
            "Distance": shown(ladder.distance),
            "DailySigmas": shown(ladder.sigmas),
            "PriceAtFall": blank_where_nan(reach.price_at_fall[order]),
        },
    )


def _write_waterfall(book: Workbook, desk: Desk, run: StressRun) -> None:
    """The worst scenario: what each of the largest loses, the largest loss first, then what others gain, and all."""
    contracts = run.stress.contract_pnl[run.worst]
    profits = np.append(contracts, run.beside.pnl[run.worst])
    held = np.append(np.flatnonzero(run.contracts), np.arange(contracts.size, profits.size))
    fold = folded(profits[held], zeros_too=True)
    largest = fold.shown[np.argsort(profits[held][fold.shown], kind="stable")]
    fold = Folded(largest, fold.others)
    changes = np.array([*fold.summed(profits[held]), run.funding[run.worst]])
    after = changes.cumsum()
    before = after - changes
    base, bar = floating_bars(np.append(before, 0.0), np.append(after, after[-1]))
    steps = np.append(changes, after[-1])
    named = np.array([*desk.universe.symbols, *run.beside.names])[held]
    names = [*fold.names(named.tolist()), "Funding", "In all"]
    write_columns(book, "Waterfall", {"Step": names, "PnL": steps, "Total": np.append(after, after[-1])})
    write_columns(book, "WaterfallBars", {"Step": names, **bars_of(steps, base, bar)})


def bars_of(steps: Array, base: Array, bar: Array) -> dict[str, Array]:
    """The columns that a waterfall is drawn from, by the sign of each step."""
    return {"Base": base, "Loss": np.where(steps < 0, bar, 0.0), "Gain": np.where(steps >= 0, bar, 0.0)}


def floating_bars(start: Array, end: Array) -> tuple[Array, Array]:
    """Bars from `start` to `end` as a stacked chart draws them: a clear base from zero, and the bar on top of it.

    A bar that crosses zero is drawn from zero to its end.
    """
    nearer = np.where(np.abs(start) < np.abs(end), start, end)
    further = start + end - nearer
    crosses = start * end < 0
    return np.where(crosses, 0.0, nearer), np.where(crosses, end, further - nearer)


def _write_replays(book: Workbook, desk: Desk, run: StressRun) -> None:
    """The worst past days on today's book."""
    past, times = run.history, desk.panel.times
    moments: Any = [times[rows - 1].tolist() for rows in (past.start_row, past.end_row)]
    write_columns(
        book,
        "Replays",
        {
            "Rank": past.window,
            "Start": moments[0],
            "End": moments[1],
            "PnL": past.pnl,
            "EquityAfter": past.equity_after + run.beside.set_aside,
            "Liquidated": ["Y" if fallen else "N" for fallen in past.liquidated],
            "Funding": [float(each.contract_funding[-1].sum()) for each in run.replays],
            "LowestEquity": [
                float((each.marked_equity + beside).min()) + run.beside.set_aside
                for each, beside in zip(run.replays, run.replays_beside, strict=True)
            ],
        },
    )


def _write_safeguards(book: Workbook, desk: Desk, run: StressRun) -> None:
    """What backs each position that is held, and what closes it first when its price alone goes against it."""
    behind, found = run.safeguards, run.closing
    held = np.flatnonzero(run.contracts)

    def shown(figures: Array) -> list[float | None]:
        return blank_where_nan(figures[held])

    write_columns(
        book,
        "Safeguards",
        {
            "Symbol": np.array(desk.universe.symbols)[held].tolist(),
            "MarginMode": ["cross" if np.isnan(own) else "isolated" for own in behind.own_equity[held]],
            "OwnEquity": shown(behind.own_equity),
            "OwnMarginRatio": shown(found.own_ratios),
            "OwnHeadroom": shown(found.own_headrooms),
            "LiquidationPrice": shown(found.liquidations),
            "BankruptcyPrice": shown(found.bankruptcies),
            "Entry": shown(behind.entries),
            "StopPrice": shown(behind.stops),
            "StopDistance": shown(found.to_stops),
            "LossAtStop": shown(found.losses),
            "ComesFirst": [found.first(column) for column in held.tolist()],
            "EarlyStop": shown(found.early_stops),
        },
    )
