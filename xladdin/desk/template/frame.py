"""The frame that every sheet of ours shares: heading band, frozen header, tab colour, page set-up."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ..layout.fields import Sheet, TableLayout
from ..layout.sheets import BODY_ROW, FIRST_COLUMN, HEADER_ROW, NOTE_ROW, PURPOSE_ROW, STATUS_ROW, TITLE_ROW
from .styles import TAB_COLOURS, followed_rules, traffic_rules, verdict_rules

__all__ = ["LONG", "frame"]

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
NOTE_HEIGHT, HEADER_HEIGHT = 46, 19

BROKEN_SCALE = 52
"""Per cent at which a page of charts and figures fits, on a sheet that is broken into pages."""

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

    The rows above row `frozen` stay in sight and are printed on each page; a sheet of tables takes as many pages as it
    needs, another one page, unless `pages_high` says otherwise (0 = as many as it takes).
    """
    _write_band(worksheet, sheet, tables, last_column)
    _freeze(worksheet, tables, frozen)
    _set_page(worksheet, sheet.breaks, pages_high=(0 if tables else 1) if pages_high is None else pages_high)
    worksheet.sheet_properties.tabColor = TAB_COLOURS[sheet.kind]
    worksheet.sheet_view.showGridLines = False
    worksheet.sheet_view.zoomScale = 90


def _write_band(worksheet: Worksheet, sheet: Sheet, tables: Sequence[TableLayout], last_column: int) -> None:
    """Title; purpose, and what an empty sheet waits for; master check and data source."""
    for row, style in BAND.items():
        worksheet.row_dimensions[row].height = ROW_HEIGHTS[row]
        for number in range(1, last_column + 1):
            worksheet.cell(row, number).style = style
    for column in (2, *sheet.breaks):  # each page of a broken sheet bears its title
        worksheet.cell(TITLE_ROW, column, sheet.title)
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


def _purpose(sheet: Sheet, tables: Sequence[TableLayout]) -> str:
    if not sheet.waiting:
        return sheet.purpose
    table = next((each for each in tables if not each.measures), tables[0])
    return f'="{sheet.purpose}"&IF(COUNTA({table.name}[{table.header[0]}])=0,".  {sheet.waiting}","")'


def _freeze(worksheet: Worksheet, tables: Sequence[TableLayout], row: int) -> None:
    """Keep the header in sight, and the first column of a table that begins at the margin."""
    if tables:
        worksheet.row_dimensions[NOTE_ROW].height = NOTE_HEIGHT
        worksheet.row_dimensions[HEADER_ROW].height = HEADER_HEIGHT
    column = "C" if any(table.first_column == FIRST_COLUMN for table in tables) else "A"
    worksheet.freeze_panes = f"{column}{row}"
    worksheet.print_title_rows = f"{TITLE_ROW}:{row - 1}"


def _set_page(worksheet: Worksheet, breaks: Sequence[int], pages_high: int) -> None:
    """Landscape A4, one page wide and so many high (0 = as many as it takes), with sheet and page number below.

    A sheet with breaks has a page for what stands between each two of them.
    """
    worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=not breaks)
    for column in breaks:
        worksheet.col_breaks.append(Break(column - 1))
    page, margins = worksheet.page_setup, worksheet.page_margins
    page.orientation, page.paperSize, page.fitToWidth, page.fitToHeight = (
        "landscape",
        worksheet.PAPERSIZE_A4,
        1,
        pages_high,
    )
    if breaks:
        page.scale = BROKEN_SCALE
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.footer = 0.5, 0.6, 0.3
    footer = HeaderFooterItem()
    footer.left.text, footer.center.text, footer.right.text = "PerpDesk", "&A", "&P / &N"
    worksheet.HeaderFooter.oddFooter = footer
