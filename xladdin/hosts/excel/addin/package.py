"""The parts of the add-in's file beside its VBA: a workbook of one sheet that says what it is, and the ribbon."""

from __future__ import annotations

from xml.sax.saxutils import escape

from ....version import __version__

__all__ = ["package_parts"]

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FORMATS = "http://schemas.openxmlformats.org"
MAIN = f"{FORMATS}/spreadsheetml/2006/main"
RELATIONSHIPS = f"{FORMATS}/package/2006/relationships"
OF_DOCUMENT = f"{FORMATS}/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"
RIBBON_2006, RIBBON_2009 = f"{MICROSOFT}/2006/01/customui", f"{MICROSOFT}/2009/07/customui"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"

NOTE = (
    "PerpDesk: beta, optimisation, hedging and stress tests for perpetual futures, in the spreadsheet.",
    f"Version {__version__}. Everything on this add-in is built from text; MIT licence.",
)

CONTENT_TYPES = {
    "/xl/workbook.xml": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
    "/xl/worksheets/sheet1.xml": f"{SHEETS}.worksheet+xml",
    "/xl/styles.xml": f"{SHEETS}.styles+xml",
    "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}
DEFAULT_TYPES = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
    "bin": "application/vnd.ms-office.vbaProject",
}
PACKAGE_LINKS = {
    "xl/workbook.xml": f"{OF_DOCUMENT}/officeDocument",
    "docProps/core.xml": f"{RELATIONSHIPS}/metadata/core-properties",
    "docProps/app.xml": f"{OF_DOCUMENT}/extended-properties",
    "customUI/customUI14.xml": f"{MICROSOFT}/2007/relationships/ui/extensibility",
    "customUI/customUI.xml": f"{MICROSOFT}/2006/relationships/ui/extensibility",
}
WORKBOOK_LINKS = {
    "worksheets/sheet1.xml": f"{OF_DOCUMENT}/worksheet",
    "styles.xml": f"{OF_DOCUMENT}/styles",
    "vbaProject.bin": f"{MICROSOFT}/2006/relationships/vbaProject",
}


def package_parts(ribbon: str, sheet_name: str) -> dict[str, str]:
    """The parts in XML by their names, in the order in which they are packed."""
    return {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _links(PACKAGE_LINKS),
        "customUI/customUI.xml": HEAD + ribbon.replace(RIBBON_2009, RIBBON_2006),
        "customUI/customUI14.xml": HEAD + ribbon,
        "docProps/app.xml": HEAD
        + f'<Properties xmlns="{FORMATS}/officeDocument/2006/extended-properties">'
        + "<Application>Microsoft Excel</Application></Properties>",
        "docProps/core.xml": HEAD
        + f'<cp:coreProperties xmlns:cp="{FORMATS}/package/2006/metadata/core-properties" '
        + 'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        + f"<dc:title>PerpDesk</dc:title><cp:version>{__version__}</cp:version></cp:coreProperties>",
        "xl/workbook.xml": HEAD
        + f'<workbook xmlns="{MAIN}" xmlns:r="{OF_DOCUMENT}"><workbookPr codeName="ThisWorkbook"/>'
        + f'<bookViews><workbookView/></bookViews><sheets><sheet name="{sheet_name}" sheetId="1" r:id="rId1"/></sheets>'
        + "</workbook>",
        "xl/_rels/workbook.xml.rels": _links(WORKBOOK_LINKS),
        "xl/styles.xml": HEAD + _styles(),
        "xl/worksheets/sheet1.xml": HEAD + _sheet(),
    }


def _content_types() -> str:
    types = [f'<Default Extension="{end}" ContentType="{kind}"/>' for end, kind in DEFAULT_TYPES.items()]
    types += [f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in CONTENT_TYPES.items()]
    return f'{HEAD}<Types xmlns="{FORMATS}/package/2006/content-types">{"".join(types)}</Types>'


def _links(targets: dict[str, str]) -> str:
    links = [
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items(), start=1)
    ]
    return f'{HEAD}<Relationships xmlns="{RELATIONSHIPS}">{"".join(links)}</Relationships>'


def _styles() -> str:
    return (
        f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet() -> str:
    rows = [
        f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{escape(line)}</t></is></c></row>'
        for number, line in enumerate(NOTE, start=1)
    ]
    return f'<worksheet xmlns="{MAIN}"><sheetPr codeName="Sheet1"/><sheetData>{"".join(rows)}</sheetData></worksheet>'
