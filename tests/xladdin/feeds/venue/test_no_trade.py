"""Nothing can trade, no key is needed or sent, and nothing is asked of a venue but when the user asks."""

from __future__ import annotations

import ast
import re
import shutil
import socket
from pathlib import Path

import ccxt
import pytest

from tests.command_line import perpdesk
from tests.source_tree import ROOT
from tests.xladdin.feeds.venue.conftest import SCRIPTS, Opened
from xladdin.desk.template.build import build_desk
from xladdin.feeds.venue.client import Client, Line
from xladdin.feeds.venue.declared import VENUES

FEEDS = sorted(path for path in (ROOT / "xladdin" / "feeds").rglob("*.py") if path.parent.name != "account")
"""What reads the market; what reads an account is held to a list of its own, in tests/xladdin/feeds/account."""

QUESTIONS = {
    "load_markets",
    "fetch_time",
    "fetch_ohlcv",
    "fetch_funding_rate_history",
    "fetch_funding_rates",
    "fetch_market_leverage_tiers",
    "fetch_tickers",
    "fetch_open_interest",
    "fetch_open_interests",
    "public_get_tickers",
    "public_get_get_volatility_index_data",
}
"""Of ccxt; each reads public data."""

ON_THE_CLIENT = {
    "has",
    "headers",
    "urls",
    "hostname",
    "proxies",
    "throttle",
    "milliseconds",
    "seconds",
    "fetch",
    "id",
    "markets",
    "timeframes",
    "parse_timeframe",
    "parse8601",
    "on_rest_response",
}
"""What else of ccxt's client is touched: nothing that sends."""


def test_only_questions_for_public_data_are_asked() -> None:
    asked = set()
    for path in FEEDS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "ask":
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path}: a question that no reader sees"
                asked.add(first.value)
    assert asked == QUESTIONS


def test_ccxt_s_client_is_touched_in_one_file_and_for_nothing_that_sends() -> None:
    importing = [path.name for path in FEEDS if re.search(r"^\s*import ccxt", path.read_text(), re.MULTILINE)]
    assert importing == ["client.py"]
    client = ast.parse((ROOT / "xladdin" / "feeds" / "venue" / "client.py").read_text(encoding="utf-8"))
    touched = set()
    for node in ast.walk(client):
        if isinstance(node, ast.Attribute):
            owner = node.value
            named = isinstance(owner, ast.Name) and owner.id == "made"
            held = isinstance(owner, ast.Attribute) and owner.attr == "_exchange"
            touched |= {node.attr} if named or held else set()
    assert touched <= ON_THE_CLIENT


@pytest.mark.parametrize("venue", VENUES)
def test_the_client_has_no_key_and_could_not_sign(venue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APIKEY", "SECRET", "API_KEY", "BYBIT_APIKEY", "BINANCE_SECRET"):
        monkeypatch.setenv(name, "not-to-be-read")
    client = Client(VENUES[venue], Line("http://127.0.0.1:9"))._exchange
    assert not any(
        getattr(client, name) for name in ("apiKey", "secret", "password", "privateKey", "walletAddress", "uid")
    )
    with pytest.raises(ccxt.AuthenticationError):
        client.check_required_credentials()


@pytest.mark.parametrize("venue", sorted(SCRIPTS))
def test_requests_carry_no_credentials_and_only_read(bench: Opened, venue: str) -> None:
    there = bench(venue)
    there.read(there.symbol("BTC", inverse=venue == "binance-coin"), bars=40)
    sent = {name.lower() for headers in there.exchange.headers for name in headers}
    assert sent <= {"host", "user-agent", "accept-encoding", "accept", "connection", "content-type", "content-length"}
    assert all("order" not in path for path, _ in there.exchange.asked)
    assert all("signature" not in query and "timestamp" not in query for _, query in there.exchange.asked)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address that a socket of this process connects to."""
    found: list[object] = []
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)
        monkeypatch.setattr(
            socket.socket, name, lambda self, address, real=real: (found.append(address), real(self, address))[1]
        )
    return found


def test_no_socket_is_opened_but_by_a_refresh_from_a_venue(
    bench: Opened, connected: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = bench("bybit")
    monkeypatch.setenv("PERPDESK_STORE", str(there.store.root))
    monkeypatch.setenv("PERPDESK_BASE_URL", there.exchange.url)
    monkeypatch.setattr("time.time", lambda: there.tape.now)
    monkeypatch.chdir(tmp_path)
    book = tmp_path / "desk.xlsx"
    build_desk(book)
    quiet = (
        ["rebalance", str(book), "--set", "Venue=bybit"],
        ["check", str(tmp_path / "desk.results.xlsx")],
        ["store", "status"],
        ["store", "verify"],
    )
    for words in quiet:
        perpdesk(*words)
    assert connected == []
    done = perpdesk("refresh", str(book), "--venue", "bybit", "--symbols", "BTCUSDT,SOLUSDT", "--bars", "300")
    assert done.exit_code == 0, done.stderr
    assert {address[0] for address in connected} == {"127.0.0.1"}
    connected.clear()
    as_of = re.search(r"as-of=(\S+);", _last_parameters(book))[1]
    shutil.copy(book, tmp_path / "again.xlsx")
    words = ["--venue", "bybit", "--symbols", "BTCUSDT,SOLUSDT", "--bars", "300", "--as-of", as_of]
    for command in (
        ["refresh", str(tmp_path / "again.xlsx"), *words],
        ["store", "export", "--to", str(tmp_path / "files"), "--as-of", as_of],
        ["rebalance", str(book)],
    ):
        assert perpdesk(*command).exit_code == 0
    assert connected == []


def _last_parameters(book: Path) -> str:
    from xladdin.books.file_book import FileBook

    with FileBook.open(book) as desk:
        return str(desk.table("Runs").column("Parameters")[-1])
