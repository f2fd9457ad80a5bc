"""The loopback exchange: answers by a venue's script, counts requests, and misbehaves when told to."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .tape import Tape

Script = Callable[[Tape, str, dict[str, str]], Any]
"""A venue: path and parameters to the answer's JSON; raises KeyError for a path that it does not have."""


@dataclass(frozen=True)
class Fault:
    """What happens to requests whose path contains `path`, instead of an answer."""

    path: str = ""
    status: int = 200
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    cut: float | None = None  # share of the answer that is sent before the connection ends
    silent: bool = False  # no answer comes, however long one waits
    together: threading.Barrier | None = None  # no answer comes before as many are asked for as this takes
    times: int = 1


@dataclass
class Exchange:
    """A running server: where it is, what it was asked, what it will do wrong."""

    url: str
    tape: Tape
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    change: Callable[[str, Any], Any] = lambda path, answer: answer

    def asked_for(self, part: str) -> list[dict[str, str]]:
        return [query for path, query in self.asked if part in path]

    def next_fault(self, path: str) -> Fault | None:
        for place, fault in enumerate(self.faults):
            if fault.path in path:
                if fault.times == 1:
                    del self.faults[place]
                else:
                    self.faults[place] = Fault(**{**fault.__dict__, "times": fault.times - 1})
                return fault
        return None


@contextlib.contextmanager
def running(script: Script, tape: Tape) -> Iterator[Exchange]:
    """The exchange while the block runs."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._answer(parts.path, dict(parse_qsl(parts.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(urlsplit(self.path).path, json.loads(body))

        def _answer(self, path: str, query: dict[str, Any]) -> None:
            with lock:
                exchange.asked.append((path, query))
                exchange.headers.append(dict(self.headers))
                fault = exchange.next_fault(path + str(query.get("type", "")))
                try:
                    answer = exchange.change(path, script(tape, path, query))
                    status = 200
                except KeyError as error:
                    answer, status = {"error": f"no such path {error}"}, 404
            body = json.dumps(answer).encode()
            headers: dict[str, str] = {"Content-Type": "application/json"}
            length = None
            if fault is not None:
                if fault.silent:
                    self._wait_until_nobody_listens()
                    return
                if fault.together is not None:
                    fault.together.wait()
                status = fault.status
                body = body if fault.body is None else fault.body.encode()
                headers |= dict(fault.headers)
                if fault.cut is not None:
                    length, body = len(body), body[: int(len(body) * fault.cut)]
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = self.close_connection or length is not None

        def _wait_until_nobody_listens(self) -> None:
            with contextlib.suppress(OSError):
                self.connection.recv(1)
            self.close_connection = True

        def log_message(self, *words: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who asked was killed; anything else is told as ever."""
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    exchange = Exchange(f"http://127.0.0.1:{server.server_address[1]}", tape)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield exchange
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
