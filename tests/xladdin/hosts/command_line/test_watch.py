"""`perpdesk watch`: looks at a desk on a clock of its own, tells what changed, calls, ends cleanly, leaks nothing."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import BookError, UnreachableError
from tests.command_line import perpdesk
from tests.recorded.accounts import Held
from tests.recorded.server import Fault, running
from tests.recorded.tape import HOUR, Tape
from tests.source_tree import ROOT
from tests.xladdin.desk.watch.test_changes import seen
from tests.xladdin.feeds.account.conftest import NAME, SECRET, There, answering
from tests.xladdin.feeds.venue.conftest import FIRST, NOW, listed
from xladdin.books.file_book import FileBook
from xladdin.desk.template.build import build_empty_desk
from xladdin.desk.watch.look import Look
from xladdin.hosts.command_line.runs.alert import Alert, alert_of
from xladdin.hosts.command_line.runs.watching import Clock, Watch, ended_by_signals

BARS = 300

PATIENCE = 60.0
"""Seconds that are waited for what comes at once where all is well: so that a test ends where it is not."""

OPEN_FILES = Path("/proc/self/fd")
"""What this process has open, sockets included."""


class Hands:
    """A clock that goes when somebody waits, and jumps when told to."""

    def __init__(self, now: float = NOW) -> None:
        self.now, self.steady = float(now), 1000.0
        self.jumps: list[float] = []
        self.waits = 0

    def wait(self, seconds: float) -> None:
        self.now, self.steady, self.waits = self.now + seconds, self.steady + seconds, self.waits + 1
        if self.jumps:
            self.now += self.jumps.pop()

    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.steady, self.wait)


class Looks:
    """What the looks at a desk bring, one after the other: a load of its line, or an error."""

    def __init__(self, *results: float | Exception) -> None:
        self.results, self.kept = list(results), []
        self.locked: Exception | None = None

    def __call__(self) -> Look:
        result = self.results.pop(0) if self.results else 0.1
        if isinstance(result, Exception):
            raise result
        if isinstance(result, tuple):  # contracts of which the venue says no price
            return Look(seen(0.1), (), unpriced=result)
        if isinstance(result, str):  # a line that is crossed, by files that end before now
            return Look(seen(1.5), (), outdated=result)
        return Look(seen(result), ())

    def keep(self, messages: list[str]) -> None:
        if self.locked is not None:
            raise self.locked
        self.kept.append(list(messages))


@pytest.fixture
def watching(tmp_path, capsys) -> Callable[..., tuple[Watch, Looks, Hands]]:
    book = tmp_path / "desk.xlsx"
    book.write_bytes(b"")

    def made(*results: float | Exception, **more: object) -> tuple[Watch, Looks, Hands]:
        looks, hands = Looks(*results), Hands()
        given = {"looks": len(results) or None, "clock": hands.clock(), **more}
        return Watch(book, looks, looks.keep, 300.0, **given), looks, hands

    return made


def test_only_what_changes_is_told_and_kept(watching, capsys) -> None:
    watch, looks, hands = watching(0.5, 0.5, 1.5, 1.6, 0.2, 0.2)
    assert watch.run()
    said = capsys.readouterr().out.splitlines()
    assert [line[21:] for line in said] == [
        "watching desk.xlsx every 300 s; Ctrl-C ends it",
        "beta inside at 0.5",
        "beta beyond at 1.5",
        "beta inside at 0.2",
    ]
    assert looks.kept == [["beta beyond at 1.5"], ["beta inside at 0.2"]]
    assert hands.now == NOW + 5 * 300
    assert said[2].startswith("2024-07-01 00:40:00")


def test_the_exit_code_says_whether_a_line_is_crossed_at_the_end(watching) -> None:
    assert not watching(0.5, 1.5)[0].run()
    assert watching(1.5, 0.5)[0].run()
    assert not watching(0.5, BookError("locked"))[0].run()


def test_each_look_tells_a_line_that_stays_crossed_where_all_figures_are_asked_for(watching, capsys) -> None:
    watching(1.5, 1.6, 0.98, how="verbose")[0].run()
    said = [line[21:] for line in capsys.readouterr().out.splitlines()]
    assert said[1:] == ["beta beyond at 1.5", "beta beyond at 1.6", "beta beyond at 0.98"]


def test_trouble_is_told_once_and_its_end_too(watching, capsys) -> None:
    down = [UnreachableError(f"Bybit did not answer at {time}") for time in (1719792000, 1719792300)]
    watch, looks, _ = watching(0.5, *down, BookError("desk.xlsx is in use"), 0.5, how="quiet")
    assert watch.run()
    said = [line[21:].partition(" (see ")[0] for line in capsys.readouterr().out.splitlines()]
    assert said == [
        "no look at the desk: Bybit did not answer at 1719792000",
        "no look at the desk: desk.xlsx is in use",
        "the desk can be looked at again",
    ]
    assert looks.kept == [], "trouble is no line of the desk"


@pytest.mark.parametrize("how", ["quiet", "said", "verbose"])
def test_contracts_without_a_price_are_told_once_and_when_they_have_one_again(watching, capsys, how: str) -> None:
    watch, looks, _ = watching((), ("SOLUSDT",), ("SOLUSDT",), ("SOLUSDT", "ETHUSDT"), ("ETHUSDT",), (), how=how)
    assert watch.run()
    said = [line[21:] for line in capsys.readouterr().out.splitlines()]
    assert [line for line in said if "price" in line] == [
        "the venue answers, and says no price of SOLUSDT, counted at the last bar's",
        "the venue answers, and says no price of ETHUSDT, counted at the last bar's",
        "SOLUSDT no longer without a price at the venue",
        "ETHUSDT no longer without a price at the venue",
    ]
    assert looks.kept == [], "trouble is no line of the desk"


def test_what_is_seen_of_the_past_is_said_once_in_however_few_words(watching, capsys) -> None:
    watch, looks, _ = watching(0.5, "prices are of May", "prices are of May", 1.5, how="quiet")
    watch.run()
    said = capsys.readouterr()
    assert said.err == "note  prices are of May\n"
    assert [line[21:] for line in said.out.splitlines()] == ["beta beyond at 1.5"]
    assert looks.kept == [["beta beyond at 1.5", "prices are of May"]], "who reads the row knows of when it is"


def test_a_later_look_says_when_files_fall_behind_and_when_they_do_not_any_more(watching, capsys) -> None:
    watching(0.5, "prices are of May", 1.5)[0].run()
    assert [
        line.strip() if line.startswith("note") else line[21:] for line in capsys.readouterr().out.splitlines()
    ] == [
        "watching desk.xlsx every 300 s; Ctrl-C ends it",
        "beta inside at 0.5",
        "beta beyond at 1.5",
        "note  prices are of May",
        "the files are up to date again",
    ]


def test_an_error_that_nobody_foresaw_is_not_swallowed(watching) -> None:
    with pytest.raises(ZeroDivisionError):
        watching(0.5, ZeroDivisionError())[0].run()


def test_rows_wait_for_a_workbook_that_is_open_elsewhere(watching, capsys) -> None:
    watch, looks, _ = watching(1.5, 0.2, 0.2, 0.2)
    looks.locked = BookError("desk.xlsx is open in Excel (ada)")
    real = looks.__call__
    watch.look = lambda: (setattr(looks, "locked", None) if watch.done == 3 else None, real())[1]
    assert watch.run()
    said = capsys.readouterr().out
    assert said.count("not in Runs yet: desk.xlsx is open in Excel (ada)") == 1
    assert "what waited for it is in Runs now" in said
    assert looks.kept == [["beta beyond at 1.5", "beta inside at 0.2"]]


@pytest.mark.parametrize(
    ("jump", "said"), [(3 * HOUR, "3 h 0 min went by without a look"), (-HOUR, "set back by 1 h 0 min")]
)
def test_a_clock_that_jumps_and_a_machine_that_slept_are_looked_after_at_once(watching, capsys, jump, said) -> None:
    watch, _, hands = watching(0.1, 0.1, 0.1)
    hands.jumps = [float(jump)]
    assert watch.run()
    assert said in capsys.readouterr().out
    assert hands.steady < 1000 + 2 * 300, "it did not wait to the end"


def test_a_wait_is_never_longer_than_a_second_so_that_a_signal_is_heard(watching) -> None:
    watch, _, hands = watching(0.1, 0.1)
    watch.run()
    assert hands.waits == 300


def test_it_ends_at_its_time(watching) -> None:
    watch, looks, hands = watching(looks=None, until=NOW + 1000.0)
    assert watch.run()
    assert hands.now == NOW + 1000
    assert watch.done == 4
    assert looks.kept == []


def test_a_signal_ends_it_after_the_look_that_is_under_way_and_a_second_one_at_once(watching, capsys) -> None:
    watch, _, _ = watching(looks=None)
    look = watch.look
    watch.look = lambda: (signal.raise_signal(signal.SIGINT), look())[1]
    before = signal.getsignal(signal.SIGINT)
    with ended_by_signals() as watch.ended:
        assert watch.run()
        assert capsys.readouterr().out.endswith("stopped after 1 look\n")
        assert not watch.run(), "the second came in the middle of a look"
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_is_heard_while_it_waits(watching, capsys) -> None:
    watch, _, hands = watching(looks=None)
    watch.ended = lambda: hands.waits > 5
    assert watch.run()
    assert (watch.done, hands.waits) == (1, 6)
    assert "stopped after 1 look" in capsys.readouterr().out


def test_a_file_that_is_gone_ends_it_and_one_that_is_being_saved_does_not(watching, capsys) -> None:
    gone = BookError("desk.xlsx does not exist")
    watch, _, _ = watching(0.1, looks=None)
    watch.look = lambda: (watch.book.unlink(missing_ok=True), (_ for _ in ()).throw(gone))[1]
    assert not watch.run()
    assert watch.done == 2
    assert "is gone; there is nothing to watch any more" in capsys.readouterr().out


def test_a_day_of_looks_keeps_nothing_of_them(watching) -> None:
    """Ten thousand looks, a line that is crossed and kept in turn, a workbook that is never free."""
    watch, looks, _ = watching(*([1.5, 0.1] * 5000), how="quiet")
    looks.locked = BookError("open elsewhere")
    watch.clock = Clock(lambda: NOW, lambda: 0.0, lambda seconds: None)
    watch._wait = lambda: True
    gc_collect, gc.collect = gc.collect, lambda: 0
    try:
        watch.run()
    finally:
        gc.collect = gc_collect
    assert watch.done == 10_000
    assert len(watch._unkept) == 50


def test_each_look_is_a_line_of_json(watching, capsys) -> None:
    watch, _, _ = watching(0.5, 1.5, BookError("in use"), how="json")
    watch.run()
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["look"] for each in said] == [1, 2, 3]
    assert said[1]["changes"] == [{"line": "beta", "crossed": True, "message": "beta beyond at 1.5"}]
    assert said[1]["lines"] == [{"line": "beta", "load": 1.5, "crossed": True}]
    assert said[2]["warnings"] == ["in use"]
    assert said[0]["time"] == "2024-07-01T00:30:00Z"


TELLS = """
import os, sys
names = sorted(name for name in os.environ if name.startswith("PERPDESK_"))
open(sys.argv[1], "a").write(f"{os.environ['PERPDESK_ALERT']}|{sys.stdin.read()}|{names}\\n")
"""


def test_an_alert_gets_the_message_and_no_key(watching, tmp_path, monkeypatch) -> None:
    for name in [name for name in os.environ if name.startswith("PERPDESK_")]:  # of this run, and of an exchange below
        monkeypatch.delenv(name)
    for name in ("PERPDESK_BYBIT_KEY", "PERPDESK_BYBIT_SECRET", "PERPDESK_OKX_PASSPHRASE"):
        monkeypatch.setenv(name, "hidden-from-alerts")
    told = tmp_path / "told"
    alert = Alert((sys.executable, "-c", TELLS, str(told)), "desk.xlsx")
    watch, _, _ = watching(0.5, 1.5, 1.5, alert=alert)
    watch.run()
    message = "beta beyond at 1.5"
    assert told.read_text() == f"{message}|{message}\n|['PERPDESK_ALERT', 'PERPDESK_BOOK']\n"


@pytest.mark.skipif(os.name == "nt", reason="words are split as Windows does it there")
def test_an_alert_is_no_line_for_a_shell(tmp_path) -> None:
    alert = alert_of(f"'{sys.executable}' -c 'import sys; sys.exit(len(sys.argv))' '; touch {tmp_path}/x' $(id)", "b")
    assert alert.words[3:] == (f"; touch {tmp_path}/x", "$(id)")
    assert alert.call(["`touch y`; $(touch z)"]).endswith("ended with exit code 3")
    assert list(tmp_path.iterdir()) == []


def test_an_alert_that_cannot_be_run_is_told_and_the_watch_goes_on(watching, capsys) -> None:
    watch, _, _ = watching(1.5, 0.1, alert=alert_of("no-such-command-here --now", "b"))
    assert watch.run()
    assert "the alert did not go out: no-such-command-here cannot be run" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as-of", "2024-06-01"], "there is no option --as-of"),
        (["--every", "1s"], "is no time from 5s on"),
        (["--every", "soon"], "is no time from 5s on"),
        (["--distance", "0"], "is no share between 0 and 100%"),
        (["--alert", "'open"], "close the quote"),
        (["--alert", " "], "--alert is blank"),
        (["--until", "tomorrow"], "tomorrow"),
        (["--until", "2024-06-30"], "--until 2024-06-30 has passed; name a time to come"),
        (["--venue", "nosuch"], "there is no venue 'nosuch'"),
        (["--from", "no-such-folder"], "no-such-folder does not exist"),
    ],
)
def test_wrong_words_are_refused(desk, words, said) -> None:
    done = perpdesk("watch", desk, *words)
    assert done.exit_code in (1, 2)
    assert said in done.stderr


def test_a_desk_that_is_not_there_is_not_waited_for(tmp_path) -> None:
    assert "gone.xlsx does not exist" in perpdesk("watch", tmp_path / "gone.xlsx").stderr


@pytest.fixture(scope="module")
def at_bybit(tmp_path_factory):
    """A desk of three contracts that was refreshed from an exchange on the loopback, whose account holds two."""
    folder = tmp_path_factory.mktemp("watched")
    book = folder / "desk.xlsx"
    build_empty_desk(book)
    patch = pytest.MonkeyPatch()
    with running(answering("bybit"), Tape(listed("bybit"), FIRST, NOW)) as exchange:
        there = There("bybit", exchange)
        patch.setenv("PERPDESK_BASE_URL", exchange.url)
        patch.setenv("PERPDESK_STORE", str(folder / "store"))
        patch.setenv("PERPDESK_BYBIT_KEY", NAME)
        patch.setenv("PERPDESK_BYBIT_SECRET", SECRET)
        patch.setattr("xladdin.feeds.venue.client.FIRST_PAUSE", 0.0)
        there.holds(Held("BTC", 2.5, 61_000.0), Held("SOL", -400.0, 70.0), dollars=60_000.0)
        symbols = "BTCUSDT,SOLUSDT,1000PEPEUSDT"
        done = perpdesk("refresh", book, "--venue", "bybit", "--symbols", symbols, "--bars", BARS)
        assert done.exit_code == 0, done.stderr
        assert perpdesk("positions", book, "--venue", "bybit", "--set", "Venue=bybit").exit_code == 0
        yield there, book
    patch.undo()


@pytest.fixture
def bybit(at_bybit, tmp_path):
    """The same, with a copy of the desk and the tape's clock as it was."""
    there, book = at_bybit
    there.tape.now = NOW
    there.holds(Held("BTC", 2.5, 61_000.0), Held("SOL", -400.0, 70.0), dollars=60_000.0)
    there.exchange.faults.clear()
    return there, Path(shutil.copy(book, tmp_path / "desk.xlsx"))


def test_a_look_writes_nothing_but_a_row_when_a_line_is_crossed(bybit) -> None:
    _, book = bybit
    with FileBook.open(book) as desk:
        before = {name: desk.table(name) for name in ("Universe", "Prices", "Funding")}
        runs = len(desk.table("Runs").rows)
    done = perpdesk("watch", book, "--looks", "1")
    assert done.exit_code == 1
    assert "a hedge is due" in done.stdout
    with FileBook.open(book) as desk:
        assert {name: desk.table(name) for name in before} == before
        log = desk.table("Runs")
        assert len(log.rows) == runs + 1
        assert (log.column("Job")[-1], "a hedge is due" in str(log.column("Warnings")[-1])) == ("watch", True)
        assert log.column("Parameters")[-1] == "every=300 s; distance=0.2; funding-share=0.001"
    with FileBook.open(book) as desk:
        desk.write_value("HedgeBand", 10.0)
        desk.commit()
    content = book.read_bytes()
    done = perpdesk("watch", book, "--looks", "1")
    assert (done.exit_code, done.stderr) == (0, "")
    assert book.read_bytes() == content


def test_prices_are_those_of_this_moment_and_funding_as_the_venue_tells_it(bybit) -> None:
    there, book = bybit
    tape = there.tape
    said = json.loads(perpdesk("watch", book, "--looks", "1", "--json").stdout)
    prices = {base: tape.bars(tape.contract(base, inverse=False))[-1].close for base in ("BTC", "SOL")}
    rates = {base: float(tape.next_settlement(tape.contract(base, inverse=False))[1]) for base in ("BTC", "SOL")}
    held = {"BTC": 2.5, "SOL": -400.0}
    paid = sum(held[base] * prices[base] * rates[base] for base in held)
    loads = {each["line"]: each["load"] for each in said["lines"]}
    assert loads["funding"] == pytest.approx(max(paid, 0.0) / 60_000 / 0.001, abs=1e-6)
    leverage = sum(abs(held[base] * prices[base]) for base in held) / 100
    assert loads["margin"] == pytest.approx(leverage / 60_000 / 0.7, abs=1e-6)


def test_an_account_is_read_at_each_look_where_that_is_asked_for(bybit) -> None:
    there, book = bybit
    there.holds(dollars=60_000.0)
    done = perpdesk("watch", book, "--looks", "1", "--account")
    assert "nothing is held; only the market is watched" in done.stdout
    assert done.exit_code == 0
    assert NAME not in done.stdout
    assert "nothing is held" not in perpdesk("watch", book, "--looks", "1").stdout


def test_a_line_that_is_down_is_told_and_the_store_answers(bybit) -> None:
    there, book = bybit
    there.exchange.faults.append(Fault("", 503, "", times=99))
    done = perpdesk("watch", book, "--looks", "1", "-v")
    assert "the store answered" in done.stdout
    assert "the venue does not answer, prices are those of the last bar: Bybit did not answer after" in done.stdout
    assert "by the last rates that settled" in done.stdout
    assert done.exit_code == 1


@pytest.mark.parametrize("words", [(), ("-q",), ("--json",)])
def test_an_outage_of_some_contracts_is_told_of_those_that_are_held(bybit, monkeypatch, words: tuple[str, ...]) -> None:
    there, book = bybit

    def less(path: str, answer: dict) -> dict:
        if path.endswith("/tickers"):
            kept = [each for each in answer["result"]["list"] if each["symbol"] == "BTCUSDT"]
            return answer | {"result": answer["result"] | {"list": kept}}
        return answer

    monkeypatch.setattr(there.exchange, "change", less)
    done = perpdesk("watch", book, "--looks", "1", *words)
    assert "the venue answers, and says no price of SOLUSDT, counted at the last bar's" in done.stdout
    assert "PEPE" not in done.stdout
    with FileBook.open(book) as desk:
        assert "says no price of SOLUSDT" in str(desk.table("Runs").column("Warnings")[-1])


def test_a_desk_without_a_venue_is_watched_from_its_files(desk, history, tmp_path_factory) -> None:
    folder = desk.parent / "history"
    folder.mkdir()
    shutil.move(history, folder / "history.csv")
    symbols = "BTCUSDT,ETHUSDT,SOLUSDT"
    assert perpdesk("refresh", desk, "--from", folder, "--symbols", symbols, "--bars", 150).exit_code == 0
    content = desk.read_bytes()
    for words in ([], ["--from", folder]):
        done = perpdesk("watch", desk, "--looks", "1", *words)
        assert (done.exit_code, done.stderr) == (0, ""), done.stdout
        assert "nothing is held; only the market is watched" in done.stdout
        assert "prices and funding are those of the last bar, which closed" in done.stdout  # files of another year
    assert desk.read_bytes() == content
    shutil.move(folder, elsewhere := tmp_path_factory.mktemp("elsewhere"))
    assert "name with --from the files" in perpdesk("watch", desk, "--looks", "1").stdout
    assert perpdesk("watch", desk, "--looks", "1", "--from", elsewhere / "history").exit_code == 0


def test_a_workbook_that_somebody_has_open_is_looked_at_and_its_row_waits(bybit) -> None:
    _, book = bybit
    book.with_name(f"~${book.name}").write_bytes(b"\x03Ada")
    content = book.read_bytes()
    done = perpdesk("watch", book, "--looks", "1")
    assert "a hedge is due" in done.stdout
    assert "not in Runs yet: desk.xlsx is open in Excel (Ada)" in done.stdout
    assert "not in Runs, as the workbook could not be written: beta is" in done.stdout
    assert book.read_bytes() == content


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="only Linux lists what a process has open")
def test_many_looks_at_an_exchange_leak_no_memory_no_file_and_no_socket(bybit, monkeypatch) -> None:
    """Half an hour goes by between looks, which bring bars and settlements; what one needs is gone before the next."""
    there, book = bybit
    measured: list[tuple[int, int, int]] = []
    gc.collect()  # the clients of other tests, whose connections would end meanwhile
    before = set(threading.enumerate())
    with FileBook.open(book) as desk:
        desk.write_value("HedgeBand", 10.0)
        desk.commit()

    def look_later(seconds: float) -> None:
        there.tape.now += 1800
        for thread in set(threading.enumerate()) - before:  # the server closes a moment after whoever asked
            thread.join(PATIENCE)
        measured.append((len(list(OPEN_FILES.iterdir())), threading.active_count(), len(gc.get_objects())))

    own_time = SimpleNamespace(time=lambda: there.tape.now, monotonic=lambda: there.tape.now, sleep=look_later)
    monkeypatch.setattr("xladdin.hosts.command_line.runs.watching.time", own_time)
    done = perpdesk("watch", book, "--looks", "18", "-q")
    assert done.stderr == ""
    settled = measured[6:]
    files, threads, objects = (max(each) - min(each) for each in zip(*settled, strict=True))
    assert len(settled) == 11
    assert (files, threads) == (0, 0)
    assert objects < 3000, [each[2] for each in settled]


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking")
def test_sigterm_ends_a_watch_cleanly(bybit) -> None:
    _, book = bybit
    words = [sys.executable, "-m", "xladdin.hosts.command_line.cli", "watch", str(book), "--every", "1h"]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any("hedge is due" in line for line in process.stdout)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    assert "stopped after 1 look" in out
    assert err == ""
    with FileBook.open(book) as desk:
        assert desk.table("Runs").column("Job")[-1] == "watch"
