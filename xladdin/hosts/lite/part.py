"""The part of a workbook in which xlwings Lite keeps its code, as workbooks hold it that the add-in saved.

`xl/webextensions/webextension1.xml` names the add-in of the store, and each of its files is a property whose value is a
JSON text: `main.py`, `requirements.txt`, and which Pyodide and which add-in wrote them. A task pane part refers to it,
which the whole workbook refers to. Whether the add-in takes a part that it did not write, only an Excel can tell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from lxml import etree

__all__ = ["ADDIN", "EXTENSION", "files_in", "with_files"]

ADDIN = "wa200008175"
"""xlwings Lite in Microsoft's store."""

EXTENSION, PANES = "xl/webextensions/webextension1.xml", "xl/webextensions/taskpanes.xml"
PANES_RELATIONS = "xl/webextensions/_rels/taskpanes.xml.rels"
CONTENT_TYPES, RELATIONS = "[Content_Types].xml", "_rels/.rels"

PYODIDE, ADDIN_VERSION = "314.0.7", "1.0.0.103"

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NAMESPACE = "http://schemas.microsoft.com/office/webextensions/webextension/2010/11"
PANES_NAMESPACE = "http://schemas.microsoft.com/office/webextensions/taskpanes/2010/11"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office/2011/relationships"


def with_files(parts: Mapping[str, bytes], files: Mapping[str, str]) -> dict[str, bytes]:
    """The parts of a workbook with the files of xlwings Lite among them."""
    types = (
        f'<Override PartName="/{PANES}" ContentType="application/vnd.ms-office.webextensiontaskpanes+xml"/>'
        f'<Override PartName="/{EXTENSION}" ContentType="application/vnd.ms-office.webextension+xml"/>'
    )
    relation = f'<Relationship Id="rIdLite" Type="{MICROSOFT}/webextensiontaskpanes" Target="{PANES}"/>'
    return {
        **parts,
        CONTENT_TYPES: _before(parts[CONTENT_TYPES], "</Types>", types),
        RELATIONS: _before(parts[RELATIONS], "</Relationships>", relation),
        PANES: _panes().encode(),
        PANES_RELATIONS: _panes_relations().encode(),
        EXTENSION: _extension(files).encode(),
    }


def files_in(extension: etree._Element) -> dict[str, str] | None:
    """The files of xlwings Lite in a web-extension part, by name; None where it is another add-in's."""
    if not any(each.get("id", "").lower() == ADDIN for each in extension.iter(f"{{{NAMESPACE}}}reference")):
        return None
    found = {}
    for each in extension.iter(f"{{{NAMESPACE}}}property"):
        stated = each.get("value", "")
        try:
            value = json.loads(stated)
        except ValueError:
            value = stated
        found[each.get("name", "")] = value if isinstance(value, str) else stated
    return found


def _before(part: bytes, end: str, added: str) -> bytes:
    return part.replace(end.encode(), (added + end).encode())


def _extension(files: Mapping[str, str]) -> str:
    properties = {**files, "pyodideVersion": PYODIDE, "addinVersion": ADDIN_VERSION}
    stated = "".join(
        f"<we:property name={quoteattr(name)} value={quoteattr(json.dumps(value))}/>"
        for name, value in properties.items()
    )
    return (
        f'{HEAD}<we:webextension xmlns:we="{NAMESPACE}" id="{{5E1F0C62-7B0B-4B1E-9C5A-0A4C6D2B9E11}}">'
        f'<we:reference id="{ADDIN}" version="1.0.0.0" store="en-US" storeType="OMEX"/>'
        f'<we:alternateReferences><we:reference id="{ADDIN.upper()}" version="1.0.0.0" store="{ADDIN.upper()}" '
        'storeType="OMEX"/></we:alternateReferences>'
        f'<we:properties>{stated}</we:properties><we:bindings/><we:snapshot xmlns:r="{OFFICE}"/></we:webextension>'
    )


def _panes() -> str:
    return (
        f'{HEAD}<wetp:taskpanes xmlns:wetp="{PANES_NAMESPACE}">'
        '<wetp:taskpane dockstate="right" visibility="0" width="438" row="3">'
        f'<wetp:webextensionref xmlns:r="{OFFICE}" r:id="rId1"/></wetp:taskpane></wetp:taskpanes>'
    )


def _panes_relations() -> str:
    target = EXTENSION.rpartition("/")[2]
    relation = f'<Relationship Id="rId1" Type="{MICROSOFT}/webextension" Target="{target}"/>'
    return f'{HEAD}<Relationships xmlns="{PACKAGE}">{relation}</Relationships>'
