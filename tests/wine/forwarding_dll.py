"""Writes a DLL that has no code: each of its functions is another DLL's under a new name.

Wine 8 has no bcryptprimitives.dll, from which extensions written in Rust take random bytes (`ProcessPrng`); advapi32
gives them under an older name, with the same arguments. The format is that of a 64-bit Portable Executable with one
section, which holds the export directory: Microsoft, "PE Format", sections "Optional Header" and ".edata".
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

SECTION_AT = 0x1000
HEADERS = 0x200
BLOCK = 0x200


def forwarding_dll(name: str, function: str, target: str) -> bytes:
    exports = _exports(name, function, target)
    return _headers(len(exports)).ljust(HEADERS, b"\0") + exports.ljust(BLOCK, b"\0")


def _exports(name: str, function: str, target: str) -> bytes:
    """The export directory, its three tables of one entry each, then the names that they point to."""
    tables = SECTION_AT + 40
    name_at = tables + 4 + 4 + 2
    function_at = name_at + len(name) + 1
    target_at = function_at + len(function) + 1
    directory = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, name_at, 1, 1, 1, tables, tables + 4, tables + 8)
    words = b"".join(word.encode() + b"\0" for word in (name, function, target))
    return directory + struct.pack("<IIH", target_at, function_at, 0) + words


def _headers(size: int) -> bytes:
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    executable_large_dll = 0x2022
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, executable_large_dll)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0, BLOCK, 0, 0, SECTION_AT)
    optional += struct.pack("<QIIHHHHHHI", 0x180000000, SECTION_AT, BLOCK, 6, 0, 0, 0, 6, 0, 0)
    optional += struct.pack("<IIIHHQQQQII", 2 * SECTION_AT, HEADERS, 0, 3, 0x100, 1 << 20, 4096, 1 << 20, 4096, 0, 16)
    directories = struct.pack("<II", SECTION_AT, size).ljust(16 * 8, b"\0")
    readable_data = 0x40000040
    section = struct.pack("<8sIIIIIIHHI", b".rdata", size, SECTION_AT, BLOCK, HEADERS, 0, 0, 0, 0, readable_data)
    return dos + coff + optional + directories + section


if __name__ == "__main__":
    Path(sys.argv[1], "bcryptprimitives.dll").write_bytes(
        forwarding_dll("bcryptprimitives.dll", "ProcessPrng", "advapi32.SystemFunction036")
    )
