"""One venue on the line: ccxt's client without a key, its clock, its pace, and patience with what goes wrong.

What is tried again, each time after a longer pause: a time-out, a broken or truncated answer, 5xx, 429 and 418. Where
the venue says how long to stay away (Retry-After), that is obeyed or, when it is too long to wait for, told.
"""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from core.errors import FeedError, NotInstalledError, StoppedError, UnreachableError
from core.records import dataclass

from ...symbols import printable
from .allowance import Allowance
from .declared import Venue

__all__ = ["Client", "Line"]

TRIES = 6
TRIES_TO_BEGIN = 3
"""Of the first question: a line that is down is not waited for half a minute."""

FIRST_PAUSE = 1.0
"""Seconds before the second try; each further pause is twice as long."""

LONGEST_STAY_AWAY = 60.0
"""Seconds that a venue may ask us to stay away and we wait for; beyond them the user is told."""

REFUSED = (" 451 ", " 403 ")
"""In ccxt's message: the venue does not serve where this request came from, which no patience changes."""

TOLD = 160
"""Characters of a venue's own words in a message."""


@dataclass(frozen=True)
class Line:
    """How a venue is reached.

    base_url  scheme, host and port asked instead of the venue's own; None: its own
    proxy     URL of a proxy; None: that of the environment (HTTPS_PROXY, NO_PROXY) or the system
    timeout   seconds until an answer is given up
    clock     seconds since 1970
    wait      how to let seconds pass; None: by waiting for them, or until the client is stopped
    """

    base_url: str | None = None
    proxy: str | None = None
    timeout: float = 20.0
    clock: Callable[[], float] = time.time
    wait: Callable[[float], None] | None = None


class Client:
    """A venue that answers `ask`, several threads at once too. Nothing is sent before the first question."""

    def __init__(self, venue: Venue, line: Line) -> None:
        self.venue, self.line = venue, line
        self._allowance = Allowance(venue.per_second, venue.at_once, time.monotonic, self._wait)
        limits = venue.settlements
        self._settlements = None if limits is None else Allowance(*limits, time.monotonic, self._wait)
        self._stopped = threading.Event()
        self._last = threading.local()
        self._base = None if line.base_url is None else _checked(line.base_url)
        self._skew: float | None = None
        self._answered = False

    @property
    def skew(self) -> float:
        """Seconds that the venue's clock is ahead of this machine's. Raises UnreachableError."""
        if self._skew is None:
            before = self.line.clock()
            said = self._server_time()
            self._skew = said / 1000 - (before + self.line.clock()) / 2
        return self._skew

    def now(self) -> int:
        """The venue's time, milliseconds since 1970. Raises UnreachableError."""
        return round((self.line.clock() + self.skew) * 1000)

    def ask(self, question: str, *words: Any, **more: Any) -> Any:
        """What ccxt's method of this name answers; tried again while that may help.

        Raises UnreachableError where the line or the venue is down or refuses, FeedError where it does not answer as
        expected, NotInstalledError, StoppedError.
        """
        exchange = self._exchange
        import ccxt

        if question == "fetch_funding_rate_history" and self._settlements is not None:
            self._settlements.spend(1.0)
        pause, tries = FIRST_PAUSE, TRIES if self._answered else TRIES_TO_BEGIN
        for attempt in range(1, tries + 1):
            try:
                answer = getattr(exchange, question)(*words, **more)
                self._answered = True
                return answer
            except ccxt.OperationFailed as error:
                if any(code in str(error) for code in REFUSED):
                    raise UnreachableError(self._refused(error)) from error
                away = self._stay_away(error)
                if away > LONGEST_STAY_AWAY:
                    raise UnreachableError(
                        f"{self.venue.title} asks us to stay away for {away:.0f} s, because this address has asked too "
                        "much of late; run it again then"
                    ) from error
                if attempt == tries:
                    raise UnreachableError(self._unreachable(error, tries)) from error
                self._wait(max(pause, away))
                pause *= 2
            except ccxt.BaseError as error:
                if isinstance(error, ccxt.AuthenticationError):
                    raise FeedError(self._unkeyed(error)) from error
                raise FeedError(
                    f"{self.venue.title} did not answer as ccxt {ccxt.__version__} expects: {self._words(error)}; "
                    "check the contract, or update ccxt"
                ) from error
            except (TypeError, KeyError, IndexError, ValueError, AttributeError) as error:
                # an answer of another shape than ccxt reads
                raise FeedError(
                    f"{self.venue.title} sent something that ccxt {ccxt.__version__} cannot read "
                    f"({self._words(error)}); update ccxt, or check --base-url"
                ) from error
        raise AssertionError("the last try returns or raises")

    def stop(self) -> None:
        """Let no thread ask any more: a question that waits for its turn, and each after it, raises StoppedError."""
        self._stopped.set()

    def _wait(self, seconds: float) -> None:
        """Let time pass. Raises StoppedError."""
        if self.line.wait is None:
            self._stopped.wait(seconds)
        else:
            self.line.wait(seconds)
        self._refuse_stopped()

    def _refuse_stopped(self) -> None:
        if self._stopped.is_set():
            raise StoppedError(f"{self.venue.title} is asked nothing more: the reading was stopped")

    def markets(self) -> dict[str, dict[str, Any]]:
        """All markets that ccxt has loaded, by its own names; they are loaded first. Raises UnreachableError."""
        self.ask("load_markets", False, dict(self.venue.market_query))
        found: dict[str, dict[str, Any]] = self._exchange.markets
        return found

    def charge(self, rows: int, kind: int) -> None:
        """Count the rows of an answer, of bars (0) or settlements (1), where the venue does."""
        if self.venue.rows_per_cost is not None:
            self._allowance.spend(rows / self.venue.rows_per_cost[kind])

    def bar_words(self) -> dict[str, float]:
        """The lengths of bars that the venue has: ccxt's word for each, and hours."""
        return {word: self._exchange.parse_timeframe(word) / 3600 for word in self._exchange.timeframes or {}}

    @cached_property
    def _exchange(self) -> Any:
        """ccxt's client, without a key."""
        return self._made({})

    def _made(self, more: Mapping[str, Any]) -> Any:
        """A client of ccxt with our pace, proxy and base address, and `more` of its own description."""
        try:
            import ccxt
        except ImportError as error:
            raise NotInstalledError(
                'reading from an exchange needs ccxt, which is not installed; run: pip install "perpdesk[feeds]"'
            ) from error

        told = {"timeout": round(self.line.timeout * 1000), "enableRateLimit": True}
        options = {**self.venue.markets, **more.get("options", {})}
        made = getattr(ccxt, self.venue.exchange)({**more, **told, "options": options})
        made.headers = {}  # some clients send whose program they are
        made.has["fetchCurrencies"] = False  # asked of all coins and chains, which nobody here reads
        if self._base is not None:
            made.urls["api"] = _moved(made.urls["api"], self._base)
        host = urlsplit(_first(made.urls["api"]).replace("{hostname}", str(made.hostname))).hostname or ""
        made.proxies = _proxies(self.line.proxy, host)
        least = self.venue.least_cost
        made.throttle = lambda cost=None: self._allowance.spend(max(least, 1.0 if cost is None else float(cost)))
        made.milliseconds = lambda: round((self.line.clock() + (self._skew or 0.0)) * 1000)
        made.seconds = lambda: made.milliseconds() // 1000
        fetch, answered = made.fetch, made.on_rest_response

        def heard(code: int, reason: str, url: str, method: str, headers: Any, *words: Any) -> Any:
            self._last.headers = headers
            return answered(code, reason, url, method, headers, *words)

        def whole(*words: Any, **more: Any) -> Any:
            self._refuse_stopped()
            self._last.headers = {}
            answer = fetch(*words, **more)
            if not isinstance(answer, (dict, list)) or answer == {}:  # ccxt would read it as one without rows
                raise ccxt.ExchangeNotAvailable(f"{made.id} sent no whole JSON: {printable(answer)}")
            return answer

        made.fetch, made.on_rest_response = whole, heard
        return made

    def _server_time(self) -> float:
        """Milliseconds since 1970, as the venue says."""
        if self._exchange.has["fetchTime"]:
            said = self.ask("fetch_time")
        else:  # Kraken Futures says the time with every answer
            said = self._exchange.parse8601(self.ask("public_get_tickers")["serverTime"])
        if not isinstance(said, (int, float)):
            raise FeedError(f"{self.venue.title} does not say what time it is; check --base-url")
        return float(said)

    def _stay_away(self, error: Exception) -> float:
        """Seconds for which the venue asks us to stay away; 0 where it does not say."""
        import ccxt

        if not isinstance(error, (ccxt.DDoSProtection, ccxt.RateLimitExceeded, ccxt.ExchangeNotAvailable)):
            return 0.0
        headers = getattr(self._last, "headers", {})
        try:
            return max(0.0, float(headers.get("Retry-After", 0)))
        except ValueError:  # a date, which no venue sends
            return 0.0

    def _refused(self, error: Exception) -> str:
        return (
            f"{self.venue.title} does not serve this address ({self._words(error)}): it is not offered where you are, "
            "or was asked too much of late; wait, choose another venue, or give its regional host with --base-url"
        )

    def _unreachable(self, error: Exception, tries: int) -> str:
        words = self._words(error)
        return f"{self.venue.title} did not answer after {tries} tries ({words}); check the line and the proxy"

    def _unkeyed(self, error: Exception) -> str:
        return f"{self.venue.title} wants a key for what was asked ({self._words(error)}), and none is sent"

    def _words(self, error: Exception) -> str:
        return printable(f"{type(error).__name__}: {self._shown(str(error))}", TOLD)

    def _shown(self, text: str) -> str:
        """What of an error's text may be told."""
        return text


def _checked(base: str) -> str:
    """Scheme, host and port of a base address. Raises FeedError."""
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise FeedError(
            f"the base URL '{printable(base)}' is none; give scheme and host only, as https://api.bytick.com"
        )
    return f"{parts.scheme}://{parts.netloc}"


def _moved(urls: Any, base: str) -> Any:
    """The same addresses at another scheme and host."""
    if isinstance(urls, dict):
        return {name: _moved(each, base) for name, each in urls.items()}
    return base + urlsplit(urls).path if isinstance(urls, str) else urls


def _first(urls: Any) -> str:
    """One of the addresses, which all go the same way."""
    for each in urls.values():
        found = _first(each) if isinstance(each, dict) else str(each or "")
        if found:
            return found
    return ""


def _proxies(asked: str | None, host: str) -> dict[str, str] | None:
    """The proxy asked for, or that of the environment or the system unless it is to be passed by for this host."""
    if asked is not None:
        return {"http": asked, "https": asked}
    found = {scheme: url for scheme, url in urllib.request.getproxies().items() if scheme in ("http", "https", "all")}
    return found if found and not urllib.request.proxy_bypass(host) else None
