"""Answers on the ports of processes that don't run: /health/live says yes, all else no, with the reason."""

from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import msgspec

LET_GO = 0.02
"Seconds that a port takes to be free again, at most."


class Substitutes:
    """For processes with ports as of the first one's, by their number."""

    def __init__(self, host: str, first: int) -> None:
        self._host = host
        self._first = first
        self._servers: dict[int, _Server] = {}

    def answer(self, number: int, reason: Callable[[], str]) -> None:
        """From now on, unless it does already. A port that is still taken is tried again at the next call."""
        if number not in self._servers:
            with suppress(OSError):
                self._servers[number] = _Server((self._host, self._first + number), reason)

    def leave(self, number: int) -> None:
        """Let the port go."""
        if (server := self._servers.pop(number, None)) is not None:
            server.end()

    def close(self) -> None:
        for number in [*self._servers]:
            self.leave(number)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], reason: Callable[[], str]) -> None:
        super().__init__(address, _Handler)
        self.reason = reason
        Thread(target=self.serve_forever, args=(LET_GO,), daemon=True).start()

    def end(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5.0

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/health/live":
            self._send(200, "application/json", msgspec.json.encode({"live": True}))
        elif path == "/health/ready":
            told = {"ready": False, "reason": self.server.reason()}
            self._send(503, "application/json", msgspec.json.encode(told))
        elif path == "/metrics":
            self._send(503, "text/plain; charset=utf-8", self.server.reason().encode() + b"\n")
        else:
            self._send(404, "text/plain; charset=utf-8", b"not found\n")

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is named there
        """Nobody reads of each request."""
