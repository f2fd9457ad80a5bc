"""Pictures of every sheet of every workbook that ships, as LibreOffice prints them with PerpDesk's functions in it.

    python -m tests.pictures                          # into the folder .perpdesk/pictures
    python -m tests.pictures FOLDER --dots 110 --pages 6
    python -m tests.pictures --contracts 3 50 200     # of synthetic desks of so many contracts, every job run

To be looked at by a person: what a test cannot see is a text that is cut, a column too narrow, a page half empty.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.calc_office import office
from tests.render import drawn
from tests.source_tree import ROOT
from tests.synthetic_desk import book_of

__all__ = ["draw"]

WORKBOOKS = ROOT / "workbooks"
FOLDER = ROOT / ".perpdesk" / "pictures"


def draw(folder: Path, *, dots_per_inch: int, pages: int, contracts: Sequence[int] = ()) -> Iterator[Path]:
    """Draw the first `pages` of each sheet into a folder for each workbook; the pictures one by one.

    The workbooks are those that ship, or desks of so many `contracts`.
    """
    with tempfile.TemporaryDirectory() as rooms, office(Path(rooms)) as running:
        shipped = [] if contracts else sorted(WORKBOOKS.glob("*.xlsx"))
        for workbook in [*shipped, *(book_of(count, Path(rooms) / f"Desk{count}.xlsx") for count in contracts)]:
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
    words.add_argument("--contracts", nargs="+", type=int, default=[], help="draw synthetic desks of so many contracts")
    chosen = words.parse_args()
    for picture in draw(chosen.folder, dots_per_inch=chosen.dots, pages=chosen.pages, contracts=chosen.contracts):
        print(picture)


if __name__ == "__main__":
    main()
