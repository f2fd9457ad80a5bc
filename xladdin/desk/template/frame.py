"""The frame that every sheet of ours shares: heading band, frozen header, tab colour, page set-up."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from openpyxl.styles import Alignment
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ..layout.fields import Page, Sheet, TableLayout
from ..layout.sheets import BODY_ROW, FIRST_COLUMN, NOTE_ROW, PURPOSE_ROW, STATUS_ROW, TITLE_ROW
from .styles import TAB_COLOURS, followed_rules, traffic_rules, verdict_rules

__all__ = ["LONG", "frame", "is_empty"]

GUTTER = 2.0
"""Width of column A, the margin."""

BADGE_WIDTH = 15.0
"""Least width of column B, which shows the master check."""

LONG = ("Prices", "Funding")
"""Tables of millions of cells: no formula on their sheets hangs on results, or each job would write them anew."""

ELSEWHERE = "on Monitor"
"""What a long sheet says of the master check; its colour is that of the check."""

WORDS = ("OK", "not run")
"""Words of the master check that have a traffic light."""

ROW_HEIGHTS = {TITLE_ROW: 27, PURPOSE_ROW: 19, STATUS_ROW: 17}
NOTE_HEIGHT, HEADER_HEIGHT, NOTE_LINE = 46, 19, 11.5
NOTE_CHARACTERS = 1.05
"""Characters of a note for each of the width of its column."""

FIRST_PAGE_ONLY = "printed to {} alone; to print all of it, clear the print area"
"""What a sheet that is not printed whole says of itself, with the last cell that is."""

BAND = {TITLE_ROW: "Desk title", PURPOSE_ROW: "Desk purpose", STATUS_ROW: "Desk status"}


def frame(
    worksheet: Worksheet,
    sheet: Sheet,
    tables: Sequence[TableLayout],
    *,
    last_column: int,
    frozen: int = BODY_ROW,
    pages_high: int | None = None,
) -> None:
    """Put the frame around what stands on a sheet, up to its last column.

    The rows above row `frozen` stay in sight. Where there may be a second page they are printed on each, or the
    headings of a list that stands lower. A sheet of tables takes as many pages as it needs, another one page, unless it
    has a page of its own or `pages_high` says otherwise (0 = as many as it takes).
    """
    page = sheet.page
    last_column = max(last_column, 0 if page is None else column_index_from_string(page.last_column))
    _write_band(worksheet, sheet, tables, last_column)
    if page is not None:
        _tell_of_page(worksheet, sheet, tables, page)
    _freeze(worksheet, sheet, tables, frozen)
    one_page = page is not None and page.last_row is not None
    high = int(one_page or not tables) if pages_high is None else pages_high
    cut_off = one_page and not sheet.beyond  # until somebody clears the print area, as the sheet says
    if high != 1 or cut_off:
        worksheet.print_title_rows = _repeated(sheet, tables, frozen)
    _set_page(worksheet, pages_wide=sheet.pages_wide, pages_high=high)
    if page is not None:
        edge = column_index_from_string(page.last_column)
        bottoms = [_foot(worksheet, table) for table in tables if table.first_column <= edge]
        foot = page.last_row or max(bottoms)
        worksheet.print_area = f"A1:{page.last_column}{foot}"
    worksheet.sheet_properties.tabColor = TAB_COLOURS[sheet.kind]
    worksheet.sheet_view.showGridLines = False
    worksheet.sheet_view.zoomScale = 90


def _write_band(worksheet: Worksheet, sheet: Sheet, tables: Sequence[TableLayout], last_column: int) -> None:
    """Title; purpose, and what an empty sheet waits for; master check and data source."""
    for row, style in BAND.items():
        worksheet.row_dimensions[row].height = ROW_HEIGHTS[row]
        for number in range(1, last_column + 1):
            worksheet.cell(row, number).style = style
    worksheet.cell(TITLE_ROW, 2, sheet.title)
    worksheet.cell(PURPOSE_ROW, 2, _purpose(sheet, tables))
    is_long, badge_cell = any(table.name in LONG for table in tables), f"B{STATUS_ROW}"
    check = ELSEWHERE if is_long else "=MasterCheck"
    for number, value, words in ((2, check, '"Checks: "@'), (3, "=DataSource", '"Data: "@')):
        cell = worksheet.cell(STATUS_ROW, number)
        cell.value = cell.value or value
        cell.number_format = words
    lights = followed_rules("MasterCheck", WORDS) if is_long else traffic_rules(WORDS)
    for rule in (*lights, *verdict_rules("MasterCheck" if is_long else badge_cell)):
        worksheet.conditional_formatting.add(badge_cell, rule)
    worksheet.column_dimensions["A"].width = GUTTER
    badge = worksheet.column_dimensions["B"]
    badge.width = max(badge.width, BADGE_WIDTH)


def _tell_of_page(worksheet: Worksheet, sheet: Sheet, tables: Sequence[TableLayout], page: Page) -> None:
    """At the right end of the band, that not all of the sheet is on its page, and a title above what is beyond it."""
    edge = column_index_from_string(page.last_column)
    if not sheet.beyond:
        words = FIRST_PAGE_ONLY.format(f"{page.last_column}{page.last_row}") if page.last_row else ""
    else:
        column = min((t.first_column for t in tables if t.first_column > edge), default=edge + 1)
        worksheet.cell(TITLE_ROW, column, sheet.beyond)
        words = f"{sheet.beyond}: from column {get_column_letter(column)}"
    told = worksheet.cell(PURPOSE_ROW, edge, words or None)
    told.alignment = Alignment("right", "top", indent=1)


def _purpose(sheet: Sheet, tables: Sequence[TableLayout]) -> str:
    if not sheet.waiting:
        return sheet.purpose
    return f'="{sheet.purpose}"&IF({is_empty(tables)},".  {sheet.waiting}","")'


def is_empty(tables: Sequence[TableLayout]) -> str:
    """A condition in the workbook's words: that no job has filled the tables of a sheet."""
    table = next((each for each in tables if not each.measures), tables[0])
    return f"COUNTA({table.name}[{table.header[0]}])=0"


def _freeze(worksheet: Worksheet, sheet: Sheet, tables: Sequence[TableLayout], row: int) -> None:
    """Keep the header in sight, and the first column of a table that begins at the margin and has the sheet alone."""
    for table in tables:
        worksheet.row_dimensions[table.note_row].height = NOTE_HEIGHT if table.note_row == NOTE_ROW else _high(table)
        worksheet.row_dimensions[table.header_row].height = HEADER_HEIGHT
    edge = None if sheet.page is None else column_index_from_string(sheet.page.last_column)
    beside = bool(sheet.beyond) and any(table.first_column > (edge or 0) for table in tables)
    alone = not beside and any(table.first_column == FIRST_COLUMN for table in tables)
    column = "C" if alone else "A"
    worksheet.freeze_panes = f"{column}{row}"


def _repeated(sheet: Sheet, tables: Sequence[TableLayout], frozen: int) -> str:
    """The rows that each page repeats: the headings of a list that stands lower and goes on, else what is in sight."""
    goes_on = sheet.page is not None and sheet.page.last_row is None
    lists = [table for table in tables if table.first_column == FIRST_COLUMN and not table.measures and goes_on]
    low = next((table for table in lists if table.note_row >= frozen), None)
    return f"{TITLE_ROW}:{frozen - 1}" if low is None else f"{low.note_row}:{low.header_row}"


def _foot(worksheet: Worksheet, table: TableLayout) -> int:
    """The last row of a table."""
    return coordinate_to_tuple(worksheet.tables[table.name].ref.split(":")[1])[0]


def _high(table: TableLayout) -> float:
    """The height of notes that stand lower, no more than their longest takes: other tables may share the row."""
    lines = [
        len(textwrap.wrap(column.note, max(1, int(NOTE_CHARACTERS * column.width))))
        for column in (*table.columns, *((table.free,) if table.free else ()))
        if not column.reach
    ]
    return NOTE_LINE * max(lines)


def _set_page(worksheet: Worksheet, *, pages_wide: int, pages_high: int) -> None:
    """Landscape A4, so many pages wide and high (0 = as many as it takes), with sheet and page number below."""
    worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page, margins = worksheet.page_setup, worksheet.page_margins
    page.orientation, page.paperSize, page.fitToWidth, page.fitToHeight = (
        "landscape",
        worksheet.PAPERSIZE_A4,
        pages_wide,
        pages_high,
    )
    if pages_wide > 1:
        worksheet.print_title_cols = f"A:{get_column_letter(FIRST_COLUMN)}"
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.footer = 0.5, 0.6, 0.3
    footer = HeaderFooterItem()
    footer.left.text, footer.center.text, footer.right.text = "PerpDesk", "&A", "&P / &N"
    worksheet.HeaderFooter.oddFooter = footer
