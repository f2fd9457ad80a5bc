"""Of a key nothing is told: no message, no cause behind one, no traceback and no log shows it or what it signed."""

from __future__ import annotations

import io
import logging
import pickle
import traceback
from collections.abc import Iterator

import pytest

from core.errors import FeedError, PerpDeskError
from tests.recorded.accounts import ACCOUNTS, Held
from tests.recorded.server import Fault
from tests.xladdin.feeds.account.conftest import NAME, PASSPHRASE, SECRET, There
from xladdin.feeds.account.key import Key, hidden_variables, key_of
from xladdin.feeds.venue.declared import VENUES, venue_named

ECHO = f'{{"retCode": 10003, "code": "50111", "msg": "bad key {NAME} {SECRET} {PASSPHRASE}", "label": "INVALID_KEY"}}'
FAULTS = {
    "401 that echoes the key": Fault("", 401, ECHO, times=99),
    "403": Fault("", 403, ECHO, times=99),
    "400 that echoes the key": Fault("", 400, ECHO, times=99),
    "an error in a good answer": Fault("", 200, ECHO, times=99),
    "500": Fault("", 500, ECHO, times=99),
    "429 for long": Fault("", 429, ECHO, (("Retry-After", "900"),), times=99),
    "truncated": Fault("", 200, '{"retCode": 0, "result": {"list": [["17197', times=99),
    "a page": Fault("", 200, f"<html>{NAME}</html>", times=99),
    "cut": Fault("", cut=0.4, times=99),
    "elsewhere": Fault("", 302, "", (("Location", "http://127.0.0.1:9/steal"),), times=99),
    "a time-out": Fault("", silent=True),
}
KEYED = [venue for venue in sorted(ACCOUNTS) if venue != "hyperliquid"]
SIGNED_IN = {"x-bapi-sign", "ok-access-sign", "sign", "authent", "authorization"}


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that any logger of this process writes down, of whatever level."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def signatures(at: There) -> set[str]:
    """What was signed with the key, as it was sent."""
    found = {value for headers in at.exchange.headers for name, value in headers.items() if name.lower() in SIGNED_IN}
    found |= {query["signature"] for _, query in at.exchange.asked if "signature" in query}
    return found | {part for value in found for part in value.split("sig=")[1:] for part in [part.split(",")[0]]}


def faulty(at: There, fault: Fault) -> None:
    """Answer each question about an account so, and those about the market well."""
    public = ("/time", "instruments", "exchangeInfo", "contracts", "tickers", "get_time", "summary_by")
    exchange = at.exchange
    real = exchange.next_fault
    exchange.next_fault = lambda path: None if any(word in path for word in public) else real(path)
    exchange.faults.append(fault)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("venue", KEYED)
def test_no_failure_tells_the_key_or_what_it_signed(there, logged, venue: str, name: str) -> None:
    at = there(venue)
    at.holds(Held("BTC", 0.25, 61_000.5, inverse=venue == "binance-coin"))
    faulty(at, FAULTS[name])
    line = at.line(timeout=1.0 if name == "a time-out" else 10.0)
    at.line = lambda: line
    refused, told = None, ""
    try:
        at.read()
    except PerpDeskError as error:
        refused, told = error, "".join(traceback.format_exception(error))
    assert (refused is None) == (name == "a time-out"), "only what passes is survived"
    assert refused is None or (refused.__cause__ is None and refused.__context__ is None)
    signed = signatures(at)
    assert signed or venue == "deribit", "something was signed"
    for hidden in (NAME, SECRET, PASSPHRASE, *signed):
        assert hidden not in told
        assert hidden not in logged.getvalue()
        assert hidden[:20] not in told, "nor a part of it"


@pytest.mark.parametrize("venue", KEYED)
def test_a_good_reading_logs_nothing_of_the_key(there, logged, venue: str) -> None:
    at = there(venue)
    account = at.read()
    for hidden in (NAME, SECRET, PASSPHRASE, *signatures(at)):
        assert hidden not in logged.getvalue()
        assert hidden not in repr(account)


def test_a_key_shows_nothing_and_goes_nowhere() -> None:
    key = Key("bybit", NAME, SECRET, PASSPHRASE)
    for hidden in (NAME, SECRET, PASSPHRASE):
        assert hidden not in repr(key)
        assert hidden not in str(key)
    with pytest.raises(TypeError, match="kept in no file"):
        pickle.dumps(key)


def test_a_key_is_read_from_the_environment_by_the_venue_s_name() -> None:
    given = {
        "PERPDESK_OKX_KEY": NAME,
        "PERPDESK_OKX_SECRET": f" {SECRET}\n",
        "PERPDESK_OKX_PASSPHRASE": PASSPHRASE,
        "PERPDESK_BINANCE_KEY": NAME,
        "PERPDESK_BINANCE_SECRET": SECRET,
        "PERPDESK_HYPERLIQUID_ADDRESS": "0x" + "ab" * 20,
        "PERPDESK_STORE": "/somewhere",
    }
    okx = key_of(venue_named("okx"), given)
    assert (okx.name, okx.secret, okx.passphrase) == (NAME, SECRET, PASSPHRASE)
    for name in ("binance", "binance-coin"):
        assert key_of(venue_named(name), given).secret == SECRET
    assert key_of(venue_named("hyperliquid"), given).secret is None
    assert set(hidden_variables(given)) == {
        *("PERPDESK_OKX_KEY", "PERPDESK_OKX_SECRET", "PERPDESK_OKX_PASSPHRASE"),
        *("PERPDESK_BINANCE_KEY", "PERPDESK_BINANCE_SECRET"),
    }


class Ring:
    """A keyring of the system, as the package `keyring` asks one."""

    def __init__(self, kept: dict[str, str]) -> None:
        self.kept = kept

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get(f"{service} {name}")


def test_a_key_is_read_from_the_keyring_where_the_environment_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Ring({"perpdesk bybit-key": NAME, "perpdesk bybit-secret": SECRET})
    monkeypatch.setattr("keyring.get_password", ring.get_password)
    assert key_of(venue_named("bybit"), {}).secret == SECRET
    with pytest.raises(FeedError, match=r"the environment has only a part .*PERPDESK_BYBIT_SECRET is missing"):
        key_of(venue_named("bybit"), {"PERPDESK_BYBIT_KEY": NAME})
    del ring.kept["perpdesk bybit-secret"]
    with pytest.raises(FeedError, match="the keyring has only a part"):
        key_of(venue_named("bybit"), {})


def test_without_a_key_it_is_told_where_to_put_one(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring.errors

    def none(service: str, name: str) -> str:
        raise keyring.errors.NoKeyringError

    monkeypatch.setattr("keyring.get_password", none)
    for name, venue in VENUES.items():
        part = {"hyperliquid": "ADDRESS", "okx": "PASSPHRASE"}.get(name, "SECRET")
        with pytest.raises(
            FeedError, match=rf"set PERPDESK_.*_{part} in the environment, or keep .*keyring set perpdesk"
        ):
            key_of(venue, {})


def test_a_keyring_that_stays_locked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring.errors

    def locked(service: str, name: str) -> str:
        raise keyring.errors.KeyringLocked(f"{NAME} is locked")

    monkeypatch.setattr("keyring.get_password", locked)
    with pytest.raises(FeedError, match=r"does not open \(KeyringLocked\)") as caught:
        key_of(venue_named("bybit"), {})
    assert NAME not in str(caught.value)


@pytest.mark.parametrize("odd", ["short", "wíth-an-accent-in-it", "with\x00control\x07"])
def test_what_is_no_key_is_refused_and_not_shown(odd: str) -> None:
    with pytest.raises(FeedError, match="PERPDESK_BYBIT_SECRET in the environment is no secret of Bybit") as caught:
        key_of(venue_named("bybit"), {"PERPDESK_BYBIT_KEY": NAME, "PERPDESK_BYBIT_SECRET": odd})
    assert odd not in str(caught.value)


def test_the_signatures_that_are_looked_for_are_those_that_were_sent(there) -> None:
    """The search would find them: it does in what the exchange got."""
    at = there("binance")
    at.read()
    (signed,) = {query["signature"] for path, query in at.exchange.asked if path == "/fapi/v3/account"}
    assert signed in signatures(at)
