"""Pictures of every sheet of every workbook that ships, as LibreOffice shows them with PerpDesk's functions in it.

    python -m tests.pictures                 # into the folder .perpdesk/pictures
    python -m tests.pictures FOLDER --dots 110 --pages 6

To be looked at by a person: what a test cannot see is a text that is cut, a column too narrow, a chart over a table.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.calc_office import office
from tests.render import drawn
from tests.source_tree import ROOT

__all__ = ["draw"]

WORKBOOKS = ROOT / "workbooks"
FOLDER = ROOT / ".perpdesk" / "pictures"


def draw(folder: Path, *, dots_per_inch: int, pages: int) -> Iterator[Path]:
    """Draw the first `pages` of each sheet into a folder for each workbook; the pictures one by one."""
    with tempfile.TemporaryDirectory() as rooms, office(Path(rooms)) as running:
        for workbook in sorted(WORKBOOKS.glob("*.xlsx")):
            target = folder / workbook.stem
            target.mkdir(parents=True, exist_ok=True)
            document = running.open(workbook)
            document.recalculate()
            printed = Path(rooms) / f"{workbook.stem}.pdf"
            document.save(printed)
            document.close()
            yield from drawn(printed, target, dots_per_inch=dots_per_inch, pages=pages).values()


def main() -> None:
    """Draw, and tell each picture."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    words.add_argument("--dots", type=int, default=80, help="dots per inch")
    words.add_argument("--pages", type=int, default=4, help="most pages of one sheet")
    chosen = words.parse_args()
    for picture in draw(chosen.folder, dots_per_inch=chosen.dots, pages=chosen.pages):
        print(picture)


if __name__ == "__main__":
    main()
