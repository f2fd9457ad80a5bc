"""Jobs where the disk says no: full, read-only, a largest size of files, no descriptors, no memory, no leave to write.

Whatever is refused leaves book, backup and folder bit-identical, and the reason names the file.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from .campaign import Campaign, Tally
from .desks import made
from .forks import Ended, work

__all__ = ["CAMPAIGN"]

NOBODY = 65_534
STARVED = 24 << 20


def _job(path: Path, target: Path | None = None) -> str:
    """A job's write; the reason where it is refused."""
    from core.errors import PerpDeskError
    from xladdin.books.file_book import FileBook

    try:
        with FileBook.open(path, wait=1.0) as book:
            book.write_table("Weights", [["BTC", *[0.5] * (len(book.table("Weights").header) - 1)]])
            book.write_value("Equity", 777.0)
            book.commit(target)
    except PerpDeskError as error:
        return str(error)
    return ""


Limited = Callable[[random.Random, Path], None]


def largest_file(chance: random.Random, path: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    most = chance.randrange(path.stat().st_size)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def few_descriptors(chance: random.Random, path: Path) -> None:
    most = len(list(Path("/proc/self/fd").iterdir())) + chance.randrange(3)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def little_memory(chance: random.Random, path: Path) -> None:
    held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    most = held + chance.randrange(STARVED)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def folder_of_others(chance: random.Random, path: Path) -> None:
    path.chmod(0o666)
    path.parent.chmod(0o555)
    os.setuid(NOBODY)


def file_of_others(chance: random.Random, path: Path) -> None:
    path.chmod(0o600)
    path.parent.chmod(0o777)
    os.setuid(NOBODY)


def read_only_mark(chance: random.Random, path: Path) -> None:
    path.chmod(0o444)


def no_limit(chance: random.Random, path: Path) -> None:
    pass


LIMITS: tuple[Limited, ...] = (largest_file, few_descriptors, little_memory, read_only_mark)
OF_ROOT: tuple[Limited, ...] = (folder_of_others, file_of_others)


@contextlib.contextmanager
def _small_disk(place: Path, kilobytes: int, options: str = "") -> Iterator[Path | None]:
    """A disk of that size mounted at `place`; None where the system lets nobody mount."""
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k{options}", "tmpfs", str(place)]
    mounted = os.getuid() == 0 and subprocess.run(words, capture_output=True, check=False).returncode == 0
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], capture_output=True, check=True)


def _content(folder: Path) -> dict[str, bytes]:
    return {
        each.name: each.read_bytes() for each in folder.iterdir() if each.is_file() and not each.name.endswith(".lock")
    }


def _judge(tally: Tally, where: str, ended: Ended, before: dict[str, bytes], after: dict[str, bytes]) -> None:
    tally.case(ended.seconds, ended.megabytes)
    if ended.uncaught or ended.answer is None:
        if before == after and "MemoryError" in ended.words and "little_memory" in where:
            tally.counts["out of memory"] += 1  # nothing is left to say a sentence with
            return
        tally.fault(where, f"ended with {ended.code}: {ended.words[-300:]}")
        return
    if not ended.answer:
        tally.counts["written"] += 1
        return
    tally.counts["refused"] += 1
    if before != after:
        gone = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        tally.fault(where, f"refused ({ended.answer}) and yet other: {sorted(gone)}")
    if "desk.xlsx" not in ended.answer and "other.xlsx" not in ended.answer:
        tally.fault(where, f"names no file: {ended.answer}")


def _run(cases: int, seed: int) -> Tally:
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        root.chmod(0o755)
        begun = made(root / "begun.xlsx", bars=12)
        _job(Path(shutil.copy(begun, root / "warm.xlsx")))
        limits = LIMITS + (OF_ROOT if os.getuid() == 0 else ())
        for case in range(cases):
            chance = random.Random(f"{seed} {case}")
            if case % 3 == 0:
                _on_a_small_disk(tally, f"seed {seed}, case {case}", chance, begun, root / str(case))
                continue
            limit = limits[case % len(limits)]
            folder = root / str(case)
            folder.mkdir()
            path = Path(shutil.copy(begun, folder / "desk.xlsx"))
            if chance.random() < 0.5:
                shutil.copy(begun, folder / "desk.xlsx.bak")
            before = _content(folder)

            def limited(limit: Limited = limit, chance: random.Random = chance, path: Path = path) -> str:
                limit(chance, path)
                return _job(path)

            ended = work(limited)
            _judge(tally, f"seed {seed}, case {case}, {limit.__name__}", ended, before, _content(folder))
    return tally


def _on_a_small_disk(tally: Tally, where: str, chance: random.Random, begun: Path, place: Path) -> None:
    """A disk with room for the book and not for all of its backup and its new content; or one that is read-only."""
    size = begun.stat().st_size >> 10
    with _small_disk(place, size + chance.randrange(8, 2 * size)) as disk:
        if disk is None:
            tally.counts["no disk could be mounted"] += 1
            return
        path = Path(shutil.copy(begun, disk / "desk.xlsx"))
        if chance.random() < 0.3:
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], capture_output=True, check=True)
        before = _content(disk)
        target = disk / "other.xlsx" if chance.random() < 0.3 else None
        ended = work(lambda: _job(path, target))
        _judge(tally, f"{where}, small disk", ended, before, _content(disk))


CAMPAIGN = Campaign(_run, 60, 600, "bit-identical on every refusal, which names the file")
