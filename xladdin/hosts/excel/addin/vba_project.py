"""A VBA project as Excel keeps it (`vbaProject.bin`), of sources only: Excel compiles them when it loads the file.

The add-ins that xlwings ships have the same shape, and are loaded by everybody who uses them. Beside the sources stand
a directory of the modules (`dir`), what the editor shows (`PROJECT`, `PROJECTwm`), and seven bytes that say that
nothing is compiled yet (`_VBA_PROJECT`).

Source: [MS-OVBA] Office VBA File Format Structure, 2.3.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from core.records import dataclass

from .compound_file import compound_file
from .compression import compressed

__all__ = ["Module", "vba_project"]

CODE_PAGE = 1252
ENCODING = "cp1252"
ENGLISH = 0x0409
PROJECT_CLASS = "{7B1B8F0E-5A4C-4E55-9F2B-0C5B6A1D2E30}"
NOT_COMPILED = bytes.fromhex("CC61FFFF000100")

DOCUMENT_BASE = {
    "workbook": "0{00020819-0000-0000-C000-000000000046}",
    "sheet": "0{00020820-0000-0000-C000-000000000046}",
}
"""What the module of a workbook, and of a sheet, is built upon."""

REFERENCES = (
    ("stdole", r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation"),
    (
        "Office",
        r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0"
        r"#C:\Program Files\Common Files\Microsoft Shared\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library",
    ),
)
"""The libraries that every Excel has; the second one knows what a ribbon's control is."""


@dataclass(frozen=True)
class Module:
    """One module: its name, its text without the lines of attributes, and its kind: std, workbook or sheet."""

    name: str
    text: str
    kind: str = "std"

    def source(self) -> bytes:
        """The text as it is stored, under its attributes, in lines that end as on Windows."""
        lines = [f'Attribute VB_Name = "{self.name}"', *self._attributes(), *self.text.splitlines()]
        return "".join(f"{line}\r\n" for line in lines).encode(ENCODING)

    def _attributes(self) -> list[str]:
        if self.kind == "std":
            return []
        values = {
            "VB_Base": f'"{DOCUMENT_BASE[self.kind]}"',
            "VB_GlobalNameSpace": False,
            "VB_Creatable": False,
            "VB_PredeclaredId": True,
            "VB_Exposed": True,
            "VB_TemplateDerived": False,
            "VB_Customizable": True,
        }
        return [f"Attribute {name} = {value}" for name, value in values.items()]


def vba_project(name: str, modules: Sequence[Module]) -> bytes:
    """The project with these modules; the same bytes for the same sources."""
    streams = {module.name: compressed(module.source()) for module in modules}
    return compound_file(
        {
            "VBA": {**streams, "dir": compressed(_directory(name, modules)), "_VBA_PROJECT": NOT_COMPILED},
            "PROJECT": _properties(name, modules).encode(ENCODING),
            "PROJECTwm": b"".join(_in_both(module.name) for module in modules) + bytes(2),
        }
    )


def _in_both(name: str) -> bytes:
    return name.encode(ENCODING) + bytes(1) + name.encode("utf-16-le") + bytes(2)


def _record(number: int, data: bytes) -> bytes:
    return struct.pack("<HI", number, len(data)) + data


def _text(number: int, wide_number: int, text: str) -> bytes:
    """A text twice: in the project's code page, and in UTF-16."""
    return _record(number, text.encode(ENCODING)) + _record(wide_number, text.encode("utf-16-le"))


def _number(number: int, value: int) -> bytes:
    return _record(number, struct.pack("<I", value))


def _short(number: int, value: int) -> bytes:
    return _record(number, struct.pack("<H", value))


def _directory(name: str, modules: Sequence[Module]) -> bytes:
    """Information, references and modules (MS-OVBA 2.3.4.2)."""
    information = [
        _number(0x01, 3),  # a project for 64 bits
        _number(0x02, ENGLISH),
        _number(0x14, ENGLISH),
        _short(0x03, CODE_PAGE),
        _record(0x04, name.encode(ENCODING)),
        _text(0x05, 0x40, ""),  # description
        _record(0x06, b"") + _record(0x3D, b""),  # help files
        _number(0x07, 0) + _number(0x08, 0),  # help context, flags
        struct.pack("<HIIH", 0x09, 4, 1, 1),  # version
        _text(0x0C, 0x3C, ""),  # constants
    ]
    references = []
    for library, place in REFERENCES:
        packed = place.encode(ENCODING)
        references += [
            _text(0x16, 0x3E, library),
            _record(0x0D, struct.pack("<I", len(packed)) + packed + bytes(6)),
        ]
    listed = [_short(0x0F, len(modules)), _short(0x13, 0xFFFF)]
    for module in modules:
        listed += [
            _text(0x19, 0x47, module.name),
            _text(0x1A, 0x32, module.name),
            _text(0x1C, 0x48, ""),  # description
            _number(0x31, 0),  # the source begins with the stream
            _number(0x1E, 0),  # help context
            _short(0x2C, 0xFFFF),
            _record(0x21 if module.kind == "std" else 0x22, b""),
            _record(0x2B, b""),
        ]
    return b"".join([*information, *references, *listed, _record(0x10, b"")])


def _properties(name: str, modules: Sequence[Module]) -> str:
    """What the editor shows, and that nothing is protected or hidden (MS-OVBA 2.3.1)."""
    listed = [f"Module={m.name}" if m.kind == "std" else f"Document={m.name}/&H00000000" for m in modules]
    lines = [
        f'ID="{PROJECT_CLASS}"',
        *listed,
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{_encrypted(bytes(4), 0x12)}"',
        f'DPB="{_encrypted(bytes(1), 0x34)}"',
        f'GC="{_encrypted(bytes([0xFF]), 0x56)}"',
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in modules),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _encrypted(data: bytes, seed: int) -> str:
    """Data as the project's properties hide them; the seed may be any byte (MS-OVBA 2.4.3.2)."""
    key = sum(PROJECT_CLASS.encode()) & 0xFF
    hidden = [seed, seed ^ 2, seed ^ key]
    last_plain, last, before = key, hidden[2], hidden[1]
    for plain in [*bytes((seed & 6) // 2), *struct.pack("<I", len(data)), *data]:
        byte = plain ^ ((before + last_plain) & 0xFF)
        before, last, last_plain = last, byte, plain
        hidden.append(byte)
    return bytes(hidden).hex().upper()
