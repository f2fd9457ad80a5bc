"""The extension's parts in XML and IDL: what LibreOffice must know of the functions, the menu and the extension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from ...catalog import FunctionSpec
from ...version import __version__
from ..menu import MenuEntry
from .names import ADDIN, COMMANDS, EXTENSION, PROTOCOL, joined

__all__ = ["OLDEST_OFFICE", "commands", "description", "functions", "interface", "manifest", "menu"]

OLDEST_OFFICE = (25, 2)
"""The oldest LibreOffice that keeps the functions' names in .xlsx files."""

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
CELLS, VALUE = "sequence< sequence< any > >", "any"
SPREADSHEETS = "com.sun.star.sheet.SpreadsheetDocument"
REGISTRY = 'xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
GROUP = "Add-In"
"""Calc's own group of functions from extensions; it shows no groups but its own."""


def interface(specs: Iterable[FunctionSpec]) -> str:
    """The types of the functions. A required argument is a block, so that a blank cell stays blank, one that may be
    left out any value: Calc lets no other be left out.
    """
    methods = []
    for spec in specs:
        arguments = (f"[in] {VALUE if each.optional else CELLS} {joined(each.name)}" for each in spec.args)
        methods.append(f"    {CELLS} {joined(spec.name)}( {', '.join(arguments)} );\n")
    modules = EXTENSION.split(".")
    opened = " ".join(f"module {name} {{" for name in modules)
    return f"{opened}\ninterface XFunctions {{\n{''.join(methods)}}};\n{' '.join(['};'] * len(modules))}\n"


def functions(specs: Iterable[FunctionSpec]) -> str:
    """The names of the functions and their arguments, and what the wizard tells of them."""
    return _component_data(
        "CalcAddIns", _node("AddInInfo", _new(ADDIN, _node("AddInFunctions", "".join(map(_function, specs)))))
    )


def _function(spec: FunctionSpec) -> str:
    arguments = "".join(
        _new(joined(each.name), _text("DisplayName", each.name) + _text("Description", each.help)) for each in spec.args
    )
    return _new(
        joined(spec.name),
        _text("DisplayName", spec.name)
        + _text("CompatibilityName", spec.name)
        + _text("Description", f"{spec.category}: {spec.summary}")
        + _plain("Category", GROUP)
        + _text("CategoryDisplayName", spec.category)
        + _node("Parameters", arguments),
    )


def menu(buttons: Mapping[str, MenuEntry]) -> str:
    """The menu, the toolbar and the pictures of the commands."""
    entries = {
        name: _plain("URL", f"{PROTOCOL}{name}")
        + _text("Title", entry.label)
        + _plain("Target", "_self")
        + _plain("Context", SPREADSHEETS)
        for name, entry in buttons.items()
    }
    listed = "".join(_new(f"m{place:02}", entry) for place, entry in enumerate(entries.values(), 1))
    bar = _text("Title", "PerpDesk") + _plain("Context", SPREADSHEETS) + _node("Submenu", listed)
    pictures = "".join(
        _new(
            f"{EXTENSION}.{name}",
            _plain("URL", f"{PROTOCOL}{name}")
            + _node(
                "UserDefinedImages",
                _plain("ImageSmallURL", f"%origin%/icons/{name}.svg")
                + _plain("ImageBigURL", f"%origin%/icons/{name}.svg"),
            ),
        )
        for name in buttons
    )
    return _component_data(
        "Addons",
        _node(
            "AddonUI",
            _node("OfficeMenuBar", _new(f"{EXTENSION}.menu", bar))
            + _node("OfficeToolBar", _new(f"{EXTENSION}.toolbar", listed))
            + _node("Images", pictures),
        ),
    )


def commands() -> str:
    """Which component serves the commands."""
    protocols = f'<prop oor:name="Protocols" oor:type="oor:string-list"><value>{PROTOCOL}*</value></prop>'
    return _component_data("ProtocolHandler", _node("HandlerSet", _new(COMMANDS, protocols)))


def description(summary: str) -> str:
    """What the list of extensions shows; an older LibreOffice refuses the extension by it."""
    oldest = ".".join(map(str, OLDEST_OFFICE))
    return (
        f'{HEAD}<description xmlns="http://openoffice.org/extensions/description/2006" '
        'xmlns:lo="http://libreoffice.org/extensions/description/2011" xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        f'<identifier value="{EXTENSION}"/>\n<version value="{__version__}"/>\n'
        '<display-name><name lang="en">PerpDesk</name></display-name>\n'
        f'<dependencies><lo:LibreOffice-minimal-version value="{oldest}" lo:name="LibreOffice {oldest}"/>'
        "</dependencies>\n"
        f'<extension-description><src lang="en" xlink:href="{summary}"/></extension-description>\n</description>\n'
    )


def manifest(parts: Mapping[str, str]) -> str:
    """The parts that LibreOffice registers, each with its kind."""
    entries = "".join(
        f"<manifest:file-entry manifest:full-path={quoteattr(part)} "
        f'manifest:media-type="application/vnd.sun.star.{kind}"/>\n'
        for part, kind in parts.items()
    )
    return f'{HEAD}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n{entries}</manifest:manifest>\n'


def _component_data(name: str, body: str) -> str:
    package = 'oor:package="org.openoffice.Office"'
    return f'{HEAD}<oor:component-data {REGISTRY} oor:name="{name}" {package}>\n{body}</oor:component-data>\n'


def _node(name: str, body: str) -> str:
    return f'<node oor:name="{name}">\n{body}</node>\n'


def _new(name: str, body: str) -> str:
    return f'<node oor:name="{name}" oor:op="replace">\n{body}</node>\n'


def _plain(name: str, value: str) -> str:
    return f'<prop oor:name="{name}" oor:type="xs:string"><value>{escape(value)}</value></prop>\n'


def _text(name: str, value: str) -> str:
    return f'<prop oor:name="{name}" oor:type="xs:string"><value xml:lang="en-US">{escape(value)}</value></prop>\n'
