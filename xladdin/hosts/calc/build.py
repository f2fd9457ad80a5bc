"""The extension's file, `PerpDesk.oxt`: catalogue and menu as LibreOffice reads them, and the thin component."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from ... import catalog
from ..menu import BESIDE, JOBS
from . import descriptions
from .icons import icon
from .names import joined

__all__ = ["build_extension", "extension_parts"]

NO_TIME = (1980, 1, 1, 0, 0, 0)

PACKAGE = "pythonpath/perpdesk_calc"
"""Where LibreOffice's Python finds the component; it puts the folder above on its path by itself."""

ENTRY = 'from perpdesk_calc.component import g_ImplementationHelper\n\n__all__ = ["g_ImplementationHelper"]\n'

SUMMARY = (
    "Beta, CAPM, volatility sizing, optimisation, hedging and stress tests for perpetual futures, in cells and in a "
    "menu. The work is done by PerpDesk's own Python: run `perpdesk calc install`.\n"
)

REGISTERED = {
    "functions.idl": "uno-typelibrary;type=RDB",
    "PerpDesk.py": "uno-component;type=Python",
    "CalcAddIns.xcu": "configuration-data",
    "Addons.xcu": "configuration-data",
    "ProtocolHandler.xcu": "configuration-data",
}


def extension_parts() -> dict[str, str]:
    """The texts of the extension by their places in it."""
    specs = catalog.functions()
    sources = Path(__file__).with_name("extension")
    methods = {joined(spec.name): spec.name for spec in specs}
    return {
        "META-INF/manifest.xml": descriptions.manifest(REGISTERED),
        "description.xml": descriptions.description("description.txt"),
        "description.txt": SUMMARY,
        "functions.idl": descriptions.interface(specs),
        "CalcAddIns.xcu": descriptions.functions(specs),
        "Addons.xcu": descriptions.menu({**JOBS, **BESIDE}),
        "ProtocolHandler.xcu": descriptions.commands(),
        **{f"icons/{name}.svg": icon(name) for name in (*JOBS, *BESIDE)},
        "PerpDesk.py": ENTRY,
        f"{PACKAGE}/functions.json": json.dumps(methods, indent=1) + "\n",
        **{f"{PACKAGE}/{path.name}": path.read_text(encoding="utf-8") for path in sorted(sources.glob("*.py"))},
    }


def build_extension(path: Path) -> None:
    """Write the extension, the same bytes each time: without compression, for every compressor writes others."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        for name, text in extension_parts().items():
            packed.writestr(zipfile.ZipInfo(name, NO_TIME), text.encode())
