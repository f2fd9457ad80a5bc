"""Holds the calculation server, as Windows starts it, to what the add-in relies on. Prints what it found, or fails.

    python check_server.py CHECK CALLS TEST_PACKAGES

CHECK is one of the functions here, and has a process of its own as every workbook's Excel might; CALLS is what
tests/wine/recorder.py recorded on Linux.
"""

from __future__ import annotations

import math
import pickle
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

PLACES = [str(Path(__file__).resolve().parent), *sys.argv[3:4]]
sys.path[:0] = PLACES  # this Python does not look beside a script

from client import CallError, Client, crash, kill, memory, processes  # noqa: E402

import xladdin  # noqa: E402
from xladdin.hosts.excel.install.plan import server_command  # noqa: E402

SERVER = "pythonw.exe"
DEAD = ("0x800706ba", "0x800706be", "0x80010108")
"""What Windows says of a server that is gone, or goes in the middle of a call."""

NEEDS_AN_EXTRA = {"PERP_BETA_FORECAST"}
"""Where scikit-learn is not installed, as here, it says so; on Linux it was."""

SECONDS_OF_WORK = ("PERP_STRESS_MONTE_CARLO", 100_000.0)


def main() -> None:
    checks = (replayed, by_the_dll, two_clients, lost_server, ten_thousand_calls)
    (check,) = [each for each in checks if each.__name__ == sys.argv[1]]
    began = time.perf_counter()
    found = check(pickle.loads(Path(sys.argv[2]).read_bytes()))
    print(f"    {check.__name__.replace('_', ' ')}: {found} ({time.perf_counter() - began:.0f} s)", flush=True)


def replayed(calls: list[Any]) -> str:
    """Every call through COM says what it says in this process, and what it said on Linux."""
    began = time.perf_counter()
    client = Client()
    version = client("PERP_VERSION")
    first = time.perf_counter() - began
    assert version == xladdin.__version__, version
    unequal, far = [], []
    for name, cells, on_linux in calls:
        here, through_com = alone(xladdin.call(name, *cells)), client(name, *cells)
        if repr(here) != repr(through_com):
            unequal.append(f"{name}: {here!r:.200} {through_com!r:.200}")
        if name not in NEEDS_AN_EXTRA and not near(here, alone(on_linux)):
            far.append(f"{name}: {here!r:.200} {on_linux!r:.200}")
    assert not unequal, (len(unequal), unequal[:3])
    assert not far, (len(far), far[:3])
    functions = len({name for name, _, _ in calls})
    return f"{len(calls)} calls of {functions} functions, equal in process and to 1e-7 on Linux; first {first:.1f} s"


def alone(shown: Any) -> Any:
    """A block as COM gives it back: of one cell the cell, of one row the row."""
    rows = shown if isinstance(shown, list) else [[shown]]
    row = rows[0] if len(rows) == 1 else rows
    return row[0] if len(rows) == 1 and len(row) == 1 else row


def near(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(near, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-7, abs_tol=1e-7)
    return bool(one == other)


def by_the_dll(calls: list[Any]) -> str:
    """xlwings' DLL starts a server of its own, and another for another command."""
    end_all()
    here = Path(sys.executable).parent
    (library,) = here.glob("xlwings64-*.dll")
    command = f"{server_command(here / SERVER)} $(CLSID) #"
    first = Client(library, f"{command}1")
    chosen = calls[:: max(1, len(calls) // 100)]
    answers = [(name, first(name, *cells), alone(xladdin.call(name, *cells))) for name, cells, _ in chosen]
    unequal = [name for name, through_com, here in answers if repr(through_com) != repr(here)]
    assert not unequal, unequal
    end_all()
    code = refused(first)
    assert code in DEAD, code
    again = Client(library, f"{command}2")
    assert again("PERP_VERSION") == xladdin.__version__
    return f"{len(chosen)} calls equal; after a kill {code}, and the next command starts another"


def two_clients(calls: list[Any]) -> str:
    """Two programs share one server: the one is told why the other's cell shows an error."""
    client = Client()
    assert client("PERP_VOL", "text", where="Book1!A1").startswith("#")
    reason = client("PERP_WHY", "Book1!A1")
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]; from client import Client; print(Client()('PERP_WHY', sys.argv[1]))"
    )
    words = ["-X", "utf8", "-c", script, "Book1!A1", *PLACES]
    other = subprocess.run([sys.executable, *words], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    told = other.stdout.decode().strip()
    assert "returns" in reason, reason
    assert told == reason, (told, reason)
    return f"both are told: {reason}"


def lost_server(calls: list[Any]) -> str:
    """A server that ends in the middle of a call is known by its code, and one connection more brings another."""
    client, process = fresh()
    name, scenarios = SECONDS_OF_WORK
    returns = tuple((math.sin(i) / 50, math.cos(i * 1.7) / 50) for i in range(500))
    threading.Timer(0.5, crash, [process]).start()
    try:
        shown = client(name, ((3.0, -2.0),), ((100.0, 50.0),), 90.0, returns, scenarios, 100.0)
    except CallError as error:
        in_call = str(error).split()[0]
    else:
        raise AssertionError(f"the call ended before the server was gone: {shown}")
    afterwards = refused(client)
    assert in_call in DEAD, in_call
    assert afterwards in DEAD, afterwards
    began = time.perf_counter()
    client.connect()
    assert client("PERP_BETA_PORTFOLIO", ((0.5, 0.5),), ((1.0, 1.4),)) == 1.2
    seconds = time.perf_counter() - began
    return f"{in_call} in the call, {afterwards} after it, a new one answers in {seconds:.1f} s"


def refused(client: Client) -> str:
    """The code of a call that cannot come through."""
    try:
        shown = client("PERP_VERSION")
    except CallError as error:
        return str(error).split()[0]
    raise AssertionError(f"a dead server said {shown}")


def ten_thousand_calls(calls: list[Any]) -> str:
    """Every hundredth one is wrong input; every answer is the first one's, and memory stays."""
    client, process = fresh()
    chance, error_cell = random.Random(1), -2146826246
    good = [
        ("PERP_BETA_PORTFOLIO", ((0.5, 0.5),), ((1.0, 1.4),)),
        ("PERP_VOL", tuple((math.sin(i) / 100,) for i in range(60))),
        ("PERP_RETURNS", tuple((100 + math.sin(i),) for i in range(40))),
    ]
    bad = [("PERP_VOL", "x"), ("PERP_NOPE", 1.0), ("PERP_BETA_PORTFOLIO", error_cell, 1.0), ("PERP_RETURNS", None)]
    expected = {repr(call): repr(alone(xladdin.call(*call))) for call in [*good, *bad]}
    wrong, times, at_first = 0, [], 0.0
    for number in range(10_000):
        call = chance.choice(bad if chance.random() < 0.01 else good)
        wrong += repr(client(*call, where=f"Book{number % 2}!A{number % 5000}")) != expected[repr(call)]
        times.append(client.last)
        if number == 100:
            keep_numpy(process)
        if number == 1000:
            at_first = memory(process)
    at_last = memory(process)
    assert wrong == 0, wrong
    assert abs(at_last / at_first - 1) <= 0.05, (at_first, at_last)
    median, slow = sorted(times)[5000] * 1e3, sorted(times[-1000:])[990] * 1e3
    return f"{wrong} wrong, {at_first:.1f} -> {at_last:.1f} MiB, median {median:.1f} ms, p99 at the end {slow:.1f} ms"


def fresh() -> tuple[Client, int]:
    """A client of a server that has just been started, and its process."""
    end_all()
    client = Client()
    (process,) = processes(SERVER)
    return client, process


def end_all() -> None:
    for process in processes(SERVER):
        kill(process)
    while processes(SERVER):
        time.sleep(0.1)
    time.sleep(1)  # a process is off the list before the system has let go of what it offered


def keep_numpy(server: int) -> None:
    """End the process that compiles loops for the server, which then stays with numpy: what it needs is measured."""
    for _ in range(1_000):
        others = set(processes(SERVER)) - {server}
        if others:
            break
        time.sleep(0.1)
    for process in others:
        kill(process)


if __name__ == "__main__":
    main()
