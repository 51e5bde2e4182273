"""Prints Alertmanager's notifications, a line for each alert: what a team would be told, for trying it.

python alertmanager/notifications.py [PORT [HOST]]
"""

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST = 2**20


def lines(receiver: str, notification: dict[str, Any]) -> Iterator[str]:
    """`support-page: firing CxUrgentOverdue: 2 tickets of ...`."""
    for alert in notification["alerts"]:
        name, told = alert["labels"]["alertname"], alert["annotations"]
        yield f"{receiver}: {alert['status']} {name}: {told['description']} {told['runbook_url']}"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        try:
            told = list(lines(self.path.strip("/"), json.loads(self.rfile.read(min(length, LONGEST)))))
        except (ValueError, KeyError, TypeError):
            self.send_error(400, "no notification of Alertmanager")
            return
        sys.stdout.write("".join(f"{line}\n" for line in told))
        sys.stdout.flush()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Requests are no news."""


def main(port: str = "8080", host: str = "127.0.0.1") -> None:
    ThreadingHTTPServer((host, int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
