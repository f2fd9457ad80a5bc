"""Hostile and merely strange books on the desk's own layout, each given to a whole command.

None ends in a traceback or changes a byte of the file on an error; each refusal names the file or the cell and the way
out; none takes more than 2 seconds of CPU or 400 MB. A case draws one kind of harm and its size by its seed.
"""

from __future__ import annotations

import random
import re
import tempfile
from pathlib import Path

from .campaign import Campaign, Tally
from .desks import members, packed, worked
from .forks import command
from .harms import HARMS, NAMES, PLACES

__all__ = ["CAMPAIGN"]

SECONDS, MEGABYTES = 2.0, 400.0

REMEDIES = re.compile(
    r"\b(open|save|restore|remove|move|clear|change|type|enter|name|choose|give|write|use|take|mend|fill|check|set|shorten"
    r"|point|tidy|keep|try|add|run|refresh|correct|put|make|raise|lower|leave|load|give|switch|select|must be|lengthen"
    r"|start|convert|export|close|wait|free|ask|install|widen|copy|head|is one of|not opened)\b"
)

COMMANDS = (("check",), ("rebalance",), ("hedge",), ("stress",), ("rebalance", "--set", "Equity=2000000"))


def _run(cases: int, seed: int) -> Tally:
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        begun = worked(Path(place) / "begun.xlsx")
        parts = members(begun)
        command("check", begun)  # a fork of it, so that what commands load is loaded
        for case in range(cases):
            chance = random.Random(f"{seed} {case}")
            own = Path(place) / str(case)
            own.mkdir()
            kinds = (*HARMS, *PLACES)
            harm = kinds[case % len(kinds)]
            path = own / (chance.choice(NAMES) if case >= len(kinds) else NAMES[0])
            if harm in PLACES:
                harm(path)
            else:
                spoiled = harm(chance, parts)
                path.write_bytes(spoiled) if isinstance(spoiled, bytes) else packed(path, spoiled)
            _judge(tally, f"seed {seed}, case {case}, {harm.__name__}", path, list(chance.choice(COMMANDS)))
    return tally


def _judge(tally: Tally, where: str, path: Path, words: list[str]) -> None:
    plain = path.is_file() and path.stat().st_size < 1 << 30 and not path.is_symlink()
    before = path.read_bytes() if plain else b""
    in_place = ["--out", str(path)] if plain else []
    ended = command(*words[:1], *words[1:], *in_place, "--", path)
    tally.case(ended.seconds, ended.megabytes)
    said = ended.words.strip().splitlines()
    if ended.uncaught:
        tally.fault(where, f"{words[0]}: {ended.words[-300:]}")
    if ended.seconds > SECONDS or ended.megabytes > MEGABYTES:
        tally.fault(where, f"{words[0]} took {ended.seconds:.1f} s and {ended.megabytes:.0f} MB")
    refused = [line for line in said if line.startswith("perpdesk: ")]
    tally.counts["refused" if refused else "done"] += 1
    if not refused:
        return
    if plain and path.read_bytes() != before:
        tally.fault(where, f"{words[0]} changed the file and said: {refused[0]}")
    if not _names_place(refused[0], path):
        tally.fault(where, f"{words[0]} names neither file nor cell: {refused[0]}")
    if not REMEDIES.search(refused[0]):
        tally.fault(where, f"{words[0]} names no remedy: {refused[0]}")


def _names_place(line: str, path: Path) -> bool:
    shown = "".join(letter if letter.isprintable() else "?" for letter in path.name)
    return shown in line or bool(
        re.search(r"[\w']!\$?[A-Z]+\$?\d|sheet '|table '|name '|Settings|Universe|Limits", line)
    )


CAMPAIGN = Campaign(_run, 80, 200, "0 tracebacks, 0 changed on an error, each names place and remedy, 2 s, 400 MB")
