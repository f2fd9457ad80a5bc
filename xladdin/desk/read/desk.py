"""From a workbook to the desk's inputs: every cell is checked against what the layout declares of it.

What is wrong is said in one sentence with the sheet, the cell and the remedy; nothing is guessed and no blank is
read as zero unless the layout says that this is what a blank stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from core.arrays import Array, Mask
from core.checks import nearest
from core.errors import ArgumentError, BookError, MissingDataError, say
from core.market.tiers import Tiers
from core.units import BASIS_POINT

from ...books.workbook import Block, Series, Workbook
from ...cells import is_blank
from ..history_file import filed_series
from ..layout.fields import Setting, TableLayout
from ..layout.settings import SETTINGS, Settings
from ..layout.sheets import TABLES
from ..policy_file import kept_policy
from .cells import checked, read_cell, read_columns
from .hedges.instruments import read_instruments, underlyings_of
from .history import read_factors, read_history
from .inputs import Desk, Scenarios, Universe

__all__ = ["read_desk", "read_limits", "read_setting", "read_settings", "read_tiers", "wrong_contracts"]


LARGEST_NOTIONAL = 1e15
"""In quote currency; a thousand times what all perpetuals trade in a week."""

FAR = 3.0
"""As many times its last close, or as small a part of it, a price is doubted."""


def read_desk(book: Workbook) -> Desk:
    """All inputs of the desk. Raises BookError that names the sheet and cell to mend."""
    settings = read_settings(book)
    universe = _in_play(book, TABLES["Universe"])
    symbols = tuple(dict.fromkeys((*universe.symbols, settings.benchmark)))
    prices = filed_series(book, "Prices", settings.history_file)
    _refuse_what_is_held_without_history(prices, universe)
    known = prices.header[1:]
    if settings.benchmark not in known:
        raise BookError(
            f"{book.value('Benchmark').address}: Prices has no column for the benchmark {settings.benchmark}"
            f"{nearest(settings.benchmark, known)}; choose one of its contracts, or refresh with it too"
        )
    history = read_history(book, symbols, settings)
    try:
        window = history.last(int(settings.window))
    except MissingDataError:
        address = book.value("Window").address
        raise BookError(
            f"{address}: the window is {settings.window:g} bars and Prices has {len(history.times) - 1} returns; "
            "shorten it, or refresh with more bars"
        ) from None
    returns, factors = window.returns(), read_factors(book, history.times)
    last_close = window.times[-1]
    tiers = read_tiers(book, universe.symbols)
    tiered = np.array([each is not None for each in tiers])
    _doubt_together(universe, history.select(universe.symbols).latest_prices(), tiered)
    return Desk(
        settings=settings,
        policy=kept_policy(book),
        universe=universe,
        panel=window.select(universe.symbols),
        history=history,
        benchmark_returns=returns[:, symbols.index(settings.benchmark)],
        factors=factors.since(len(history.times) - len(window.times)),
        past_factors=factors,
        limits=read_limits(book, universe.symbols),
        tiers=tiers,
        scenarios=_read_scenarios(book, universe.symbols),
        instruments=read_instruments(book, universe.symbols, universe.prices, last_close, settings.risk_free),
    )


def read_settings(book: Workbook) -> Settings:
    """The Settings sheet. Raises BookError that names the cell to mend."""
    return Settings(**{setting.field: read_setting(book, setting) for setting in SETTINGS})


def _in_play(book: Workbook, table: TableLayout) -> Universe:
    """The contracts that are included, held, hedges, or under an instrument of Hedges. Raises BookError."""
    block = book.table(table.name)
    if not block.rows:
        raise BookError(
            f"table '{table.name}' on sheet '{table.sheet}' has no contract; fill it, or start from a new desk"
        )
    column = read_columns(block, table)
    symbols = column["Symbol"]
    for problem in wrong_contracts(block, column):
        raise BookError(problem)
    number = {
        name: np.array(values, dtype=np.float64)
        for name, values in column.items()
        if table.column(name).kind == "number"
    }
    universe = Universe(
        symbols=tuple(symbols),
        included=np.array(column["Include"]) == "Y",
        inverse=np.array(column["Contract"]) == "inverse",
        prices=number["Price"],
        lots=number["Lot"],
        fee_rates=number["TakerFeeBps"] * BASIS_POINT,
        slippage_rates=number["SlippageBps"] * BASIS_POINT,
        daily_volumes=number["DailyVolume"],
        initial_margin_rates=1 / number["MaxLeverage"],
        maintenance_rates=number["MaintenanceRate"],
        maintenance_amounts=number["MaintenanceAmount"],
        min_weights=number["MinWeight"],
        max_weights=number["MaxWeight"],
        implied_vols=number["ImpliedVol"],
        views=number["View"],
        positions=number["Position"],
        hedges=np.array(column["Hedge"]) == "Y",
        overlay_positions=number["OverlayPosition"],
        overlay_entries=number["OverlayEntry"],
        ticks=number["Tick"],
        entry_prices=number["EntryPrice"],
        isolated=np.array(column["MarginMode"]) == "isolated",
        collateral=number["Collateral"],
        stops=number["Stop"],
        entry_times=np.array(
            [each if isinstance(each, datetime) else None for each in column["EntryTime"]], dtype="datetime64[s]"
        ),
    )
    in_play = universe.in_book | universe.hedges | (universe.overlay_positions != 0)
    in_play |= np.isin(universe.symbols, underlyings_of(book))
    if not in_play.any():
        raise BookError(f"{block.address(0, 'Include')}: no contract is included, held or a hedge; set Include to Y")
    for row in np.flatnonzero(in_play & ~(universe.prices > 0)).tolist():
        raise BookError(
            f"{block.address(row, 'Price')}: {symbols[row]} has no price above zero; run Refresh or type it in"
        )
    return universe.select(in_play)


def wrong_contracts(block: Block, column: Mapping[str, list[Any]]) -> Iterator[str]:
    """What is wrong between the cells of Universe, each of which is right: one sentence a row."""
    symbols = column["Symbol"]
    for row, symbol in enumerate(symbols):
        if symbol in symbols[:row]:
            yield f"{block.address(row, 'Symbol')}: {symbol} stands twice in the universe; remove one row"
        if column["MinWeight"][row] > column["MaxWeight"][row]:
            yield f"{block.address(row, 'MinWeight')}: the least weight of {symbol} is above its largest; swap them"
        worth = 1.0 if column["Contract"][row] == "inverse" else column["Price"][row]
        for name in ("Position", "OverlayPosition"):
            if abs(column[name][row]) * worth > LARGEST_NOTIONAL:
                yield (
                    f"{block.address(row, name)} holds {column[name][row]:g}, worth {column[name][row] * worth:g} in "
                    f"{symbol}; nobody holds so much, correct it or its Price"
                )
        if column["Tick"][row] >= column["Price"][row] > 0:
            yield (
                f"{block.address(row, 'Tick')}: the tick of {symbol} is {column['Tick'][row]:g} and its price "
                f"{column['Price'][row]:g}; enter the Tick of your venue, or 0"
            )
        traded = column["Include"][row] == "Y" or column["Hedge"][row] == "Y"
        if traded and column["TakerFeeBps"][row] + column["SlippageBps"][row] < 0:
            yield (
                f"{block.address(row, 'TakerFeeBps')}: fee and slippage of {symbol} come to less than nothing, so it "
                "would be traded for its rebate; enter the fee of a market order"
            )
        if column["MaintenanceRate"][row] >= 1:
            yield (
                f"{block.address(row, 'MaintenanceRate')}: the maintenance rate of {symbol} is all of what is held; it "
                "must be below 1 (1 % = 0.01)"
            )
        isolated, posted = column["MarginMode"][row] == "isolated", not np.isnan(column["Collateral"][row])
        held = column["Position"][row] + column["OverlayPosition"][row] != 0
        if posted and not isolated:
            yield (
                f"{block.address(row, 'Collateral')}: {symbol} has Collateral of its own and MarginMode cross, where "
                "the account backs it; set MarginMode to isolated, or clear Collateral"
            )
        if isolated and held and not posted:
            yield (
                f"{block.address(row, 'Collateral')} is blank and {symbol} is held in isolated margin; enter the "
                "margin posted for it, or set MarginMode to cross"
            )


def _doubt_together(universe: Universe, last_closes: Array, tiered: Mask) -> None:
    """Say where cells of a contract that are possible each are unlikely together, and with its last close `(N,)`.

    What stands on Tiers for those that are `tiered` was read as tiers, in place of their rate and amount.
    """
    prices, rates = universe.prices, universe.maintenance_rates
    far = np.abs(np.log(prices / last_closes)) > np.log(FAR)
    if far.any():
        first = int(np.argmax(far))
        say(
            f"Universe: the price of {universe.named(far)} is far from its last close on Prices "
            f"({prices[first]:g} and {last_closes[first]:g}); correct it, or refresh"
        )
    above = ~tiered & (rates > universe.initial_margin_rates)
    if above.any():
        first = int(np.argmax(above))
        say(
            f"Universe: the MaintenanceRate of {universe.named(above)} is above its initial margin 1 / MaxLeverage "
            f"({rates[first]:.4g} and 1 / {1 / universe.initial_margin_rates[first]:g}); correct one of them "
            "(1 % = 0.01)"
        )
    held = np.abs(universe.positions + universe.overlay_positions) * universe.contract_values
    spared = ~tiered & (held > 0) & (rates > 0) & (universe.maintenance_amounts >= held * rates)
    if spared.any():
        say(
            f"Universe: the MaintenanceAmount of {universe.named(spared)} takes all of its maintenance margin away, "
            "as that of a higher tier does; correct it, or enter the tiers on Tiers"
        )


def _refuse_what_is_held_without_history(prices: Series, universe: Universe) -> None:
    """Raises BookError that names a contract which is held and has no price: its risk cannot be left out."""
    held = (universe.positions != 0) | (universe.overlay_positions != 0)
    for symbol in np.array(universe.symbols)[held].tolist():
        if symbol not in prices.header[1:] or np.isnan(prices.column(symbol)).all():
            meant = f" (did you mean '{symbol.upper()}'?)" if symbol.upper() in prices.header[1:] else ""
            raise BookError(
                f"sheet 'Prices' has no price of {symbol}{meant}, and it is held; refresh with that symbol too, or "
                "clear its Position on Universe once it is closed"
            )


def read_limits(book: Workbook, symbols: tuple[str, ...]) -> dict[str, Array]:
    """The rows of the Limits sheet by name; a row without a value stands for nothing."""
    table = TABLES["Limits"]
    block = book.table(table.name)
    column = read_columns(block, table)
    limits: dict[str, Array] = {}
    for row, (written, value) in enumerate(zip(column["Limit"], column["Value"], strict=True)):
        name = written.lower()
        own = [
            read_cell(block.rows[row][block.index(symbol)], table.column(symbol), block.address(row, symbol))
            if symbol in block.header
            else np.nan
            for symbol in symbols
        ]
        values = np.array([value] if np.isnan(own).all() else own)
        if np.isnan(values).all():
            continue
        address = block.address(row, "Limit")
        if not name:
            raise BookError(f"{address} is blank beside a value; write the name of the limit, or clear the value")
        if not (np.isnan(value) or np.isnan(own).all()):
            raise BookError(f"{address}: {name} has a value for all and one a contract; clear one of the two")
        if name in limits:
            raise BookError(f"{address}: {name} stands twice; keep one of the rows")
        limits[name] = values
    return limits


def read_tiers(book: Workbook, symbols: tuple[str, ...]) -> tuple[Tiers | None, ...]:
    """The tiers of each contract, None where the sheet has none. Raises BookError that names the contract."""
    block = book.table("Tiers")
    column = read_columns(block, TABLES["Tiers"])
    figures = np.array([column[name] for name in TABLES["Tiers"].header[1:]], dtype=np.float64).T
    owners = np.array(column["Symbol"])
    found: list[Tiers | None] = []
    for symbol in symbols:
        rows = figures[owners == symbol]
        try:
            found.append(Tiers.from_rows(rows) if len(rows) else None)
        except (ArgumentError, MissingDataError) as error:
            raise BookError(f"sheet 'Tiers': {symbol}: {error}") from None
    return tuple(found)


def _read_scenarios(book: Workbook, symbols: tuple[str, ...]) -> Scenarios:
    """The scenarios that can be run; one that cannot is left out, and a DataWarning says which cell is to be mended."""
    table = TABLES["Scenarios"]
    block = book.table(table.name)
    own = [symbol for symbol in symbols if symbol in block.header and symbol not in table.header]
    rows: list[dict[str, Any]] = []
    for row, cells in enumerate(block.rows):
        try:
            rows.append(
                {
                    name: read_cell(cells[block.index(name)], table.column(name), block.address(row, name))
                    for name in (*table.header, *own)
                }
            )
        except BookError as error:
            say(f"{error}; this scenario was left out")

    def column(name: str) -> Array:
        return np.array([row.get(name, np.nan) for row in rows], dtype=np.float64)

    return Scenarios(
        names=tuple(row["Name"] for row in rows),
        market_shocks=column("MarketShock"),
        horizons=np.nan_to_num(column("HorizonHours")),
        vol_multipliers=column("VolMultiplier"),
        funding_shocks=column("FundingShock"),
        beta_shifts=column("BetaShift"),
        correlations=column("CorrelationToOne"),
        peg_shocks=column("PegShock"),
        must_survive=tuple(row["MustSurvive"] == "Y" for row in rows),
        overrides=np.column_stack([column(symbol) for symbol in symbols]).reshape(len(rows), len(symbols)),
    )


def read_setting(book: Workbook, setting: Setting) -> Any:
    """The value of one named cell; None where it is optional and blank. Raises BookError."""
    cell = book.value(setting.name)
    if setting.optional and is_blank(cell.value):
        return None
    return checked(cell.value, setting, cell.address)
