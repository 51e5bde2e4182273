"""Where the embedded broker's nodes live: directories and ports, all on the loopback."""

import random
import socket
from dataclasses import dataclass
from pathlib import Path

from streams.errors import BrokerError

LOOPBACK = "127.0.0.1"

# Below the range of outgoing connections, one of which could else take a port while its node is down.
FREE_PORTS = range(20_000, 32_000)


@dataclass(frozen=True, slots=True)
class Place:
    node: int
    "counted from 1"

    port: int
    controller_port: int
    directory: Path

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def meta(self) -> Path:
        return self.data / "meta.properties"

    @property
    def properties(self) -> Path:
        return self.directory / "server.properties"

    @property
    def logging(self) -> Path:
        return self.directory / "log4j2.properties"

    @property
    def log(self) -> Path:
        return self.directory / "broker.log"

    @property
    def console(self) -> Path:
        """What the JVM itself says, mostly nothing."""
        return self.directory / "console.log"


def places(directory: Path, nodes: int, port: int) -> list[Place]:
    """`port` is the first node's, 0 for a free one as the others have."""
    kept = len(list(directory.glob("node-*")))
    if kept not in (0, nodes):
        raise BrokerError(f"Data directory {directory} is of a cluster of {kept} nodes, expected {nodes}.")
    if port and not _is_free(port):
        raise BrokerError(f"Port {port} of {LOOPBACK} is taken; choose another one, or 0 for any free one.")
    free = iter(_free_ports(2 * nodes, port))
    return [
        Place(
            node,
            port=port if port and node == 1 else next(free),
            controller_port=next(free),
            directory=directory.absolute() / f"node-{node}",
        )
        for node in range(1, nodes + 1)
    ]


def _free_ports(count: int, taken: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < count:
        port = random.choice(FREE_PORTS)
        if port != taken and _is_free(port):
            ports.add(port)
    return list(ports)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Kafka's: TIME_WAIT doesn't hold it
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
