"""Ports for what tests start."""

import random
import socket
from contextlib import suppress

LOWEST, EPHEMERAL = 20_000, 32_768
"From the second on the system gives a connection whichever is free, maybe before a test has used it."


def free_ports(count: int = 1) -> int:
    """The first of so many in a row."""
    while True:
        first = random.randrange(LOWEST, EPHEMERAL - count)
        with suppress(OSError):
            for port in range(first, first + count):
                socket.create_server(("127.0.0.1", port)).close()
            return first
