"""Where a job's results go: into the book itself, a new file, or the results book that is there, which is gone on in.

No file that somebody may miss is ever replaced without a word: what is not a results book of this desk is refused, or
with `--force` kept as `NAME.bak`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from core.errors import BookError
from core.records import dataclass

from ....books.file_book import FileBook
from ....books.names import check_suffix, is_backup, refuse_bad_name
from ....desk.going_on import carry_history, is_desk, same_desk, take_inputs
from ....desk.jobs import Report
from ....desk.read.headings import CONTRACT_TABLES
from ....desk.read.problems import BookProblemsError

__all__ = ["Landing", "landing", "naming", "refuse_another_file", "results_beside"]


READ_TABLES = (*CONTRACT_TABLES, "Prices", "Funding", "Factors")


@dataclass(frozen=True)
class Landing:
    """The book that a job works on, and the file that it lands in; both are locked until the end."""

    book: FileBook
    target: Path
    notes: tuple[str, ...] = ()

    def told(self, report: Report) -> Report:
        """The report of a job with what is to know of its book."""
        return replace(report, warnings=(*report.warnings, *self.notes))


@contextmanager
def naming(path: Path, *others: Path) -> Iterator[None]:
    """Inside it each refusal names the workbook, unless it names one already: tables only know their sheets."""
    known = [file.name for file in (path, *others)]
    try:
        yield
    except BookProblemsError as error:
        raise BookProblemsError([_named(known, problem) for problem in error.problems]) from None
    except BookError as error:
        raise BookError(_named(known, str(error))) from None


def _named(files: Sequence[str], problem: str) -> str:
    return problem if any(name in problem for name in files) else f"{files[0]}: {problem}"


@contextmanager
def landing(path: Path, out: Path | None, *, force: bool) -> Iterator[Landing]:
    """The desk at `path` and the file for its results: `out`, else the results book beside it. Raises BookError."""
    check_suffix(path)
    target = results_beside(path) if out is None else out
    with ExitStack() as opened:
        opened.enter_context(naming(path, target))
        refuse_bad_name(path)
        refuse_bad_name(target)
        desk = opened.enter_context(FileBook.open(path))
        seen = tuple(f"{path.name}: {remark}" for remark in desk.remarks(READ_TABLES))
        if target.resolve() == path.resolve():
            yield Landing(desk, target, seen)
            return
        if force or not target.exists():
            desk.hold(target)
            carry_history(desk, desk)
            yield Landing(desk, target, seen)
            return
        results = opened.enter_context(_results_of(desk, target, named=out is not None))
        try:
            taken = take_inputs(results, desk)
        except BookError as error:
            raise BookError(
                f"{target.name} cannot go on with the inputs of {path.name}: {error}; mend that there, or replace it "
                f"with --force (it is kept as {target.name}.bak)"
            ) from None
        notes = (f"went on in {target.name}; taken from {path.name} where they differed: {names}" for names in taken)
        yield Landing(results, target, (*seen, *notes))


def refuse_another_file(desk: FileBook, target: Path) -> None:
    """Nothing where no file is, or an older state of the same desk. Raises BookError for any other file."""
    if target.exists():
        _results_of(desk, target, named=True).close()


def results_beside(path: Path) -> Path:
    """`desk.xlsx` -> `desk.results.xlsx`; a book of results is carried on in place, a backup never."""
    if is_backup(path):
        book = Path(path.stem)
        return path.with_name(f"{book.stem}.bak.results{book.suffix}")
    return path if path.stem.endswith(".results") else path.with_name(f"{path.stem}.results{path.suffix}")


def _results_of(desk: FileBook, target: Path, *, named: bool) -> FileBook:
    """The file at `target`, opened as results of `desk`; one that was `named` must share its log. Raises BookError."""
    remedy = f"name another file with --out, or replace it with --force (it is kept as {target.name}.bak)"
    if target.is_dir():
        raise BookError(f"{target} is a folder; name the file to write in it")
    try:
        results = FileBook.open(target)
    except BookError as error:
        raise BookError(f"{target} exists and cannot be gone on in: {error}; {remedy}") from None
    try:
        if not is_desk(results) or (named and not same_desk(desk, results)):
            raise BookError(f"{target} exists and is no results book of {desk.name}; {remedy}")
    except BaseException:
        results.close()
        raise
    return results
