"""`perpdesk store`: what was read from venues and is kept on this machine."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from ..typed.arguments import AS_OF, JSON, STORE, as_path
from ..typed.declared import Group, argument, command

if TYPE_CHECKING:
    from ....feeds.store.store import Store

__all__ = ["store"]

VENUE = argument("--venue", metavar="NAME", help="Of one venue only; by default of all.")


@command(STORE, JSON)
def status(given: Namespace) -> bool:
    """List what the store has: each series, its rows, from when to when, what was revised, and its size."""
    from ....feeds.store.upkeep import held
    from ..told.kept import show_kept

    kept = _store(given)
    show_kept(kept.root, held(kept), as_json=given.as_json)
    return True


@command(
    STORE,
    argument("--repair", action="store_true", help="Set what is damaged aside, for the next Refresh to read again."),
)
def verify(given: Namespace) -> bool:
    """Hold every file of the store against the hash it was written with; exit code 1 when one differs."""
    from ....feeds.store import upkeep
    from ..told import console

    kept = _store(given)
    faults = upkeep.repair(kept) if given.repair else upkeep.verify(kept)
    for fault in faults:
        console.say(f"{fault.path}: {fault.what}{', set aside' if given.repair else ''}")
    if not faults:
        console.say(f"the store at {kept.root} is sound")
    return not faults


@command(
    STORE,
    VENUE,
    argument("--before", metavar="DATE", help="Also what is older than this day, UTC; without it only revised rows."),
)
def prune(given: Namespace) -> bool:
    """Drop rows that were revised later, so that runs as of then cannot be repeated, and what killed runs left."""
    from ....feeds.panel import day_begun
    from ....feeds.store import upkeep
    from ..told import console

    before = None if given.before is None else day_begun(given.before)
    rows, files = upkeep.prune(_store(given), before, _venue(given))
    console.say(f"dropped {rows:,} rows and {files} files that nothing used")
    return True


@command(
    STORE,
    VENUE,
    argument("--symbols", metavar="LIST", help="Symbols with commas between; by default all."),
    argument("--to", metavar="DIR", type=as_path, required=True, help="Folder for the CSV files."),
    AS_OF,
)
def export(given: Namespace) -> bool:
    """Write the store as CSV files, which `perpdesk refresh BOOK --from DIR` reads too."""
    from ....feeds.export import export as written
    from ....feeds.panel import instant
    from ..told import console

    wanted = {symbol.strip().upper() for symbol in (given.symbols or "").split(",") if symbol.strip()}
    as_of = None if given.as_of is None else instant(given.as_of)
    for path in written(_store(given), given.to, _venue(given), wanted, as_of):
        console.wrote(path)
    return True


store = Group(
    "store",
    "What was read from venues and is kept here: status, verify, prune, export.",
    (status, verify, prune, export),
)


def _store(given: Namespace) -> Store:
    from ....feeds.store.place import store_folder
    from ....feeds.store.store import Store

    return Store(store_folder(given.store))


def _venue(given: Namespace) -> str | None:
    """The venue asked for by any of its names, as the store calls it. Raises FeedError."""
    from ....feeds.venue.declared import venue_named

    return None if given.venue is None else venue_named(given.venue).name
