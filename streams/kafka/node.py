"""One Kafka node: a JVM of its own, and its directory."""

import asyncio
import base64
import os
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.errors import BrokerError
from streams.kafka.jars import KAFKA_VERSION, cache_directory
from streams.kafka.properties import Place, logging_properties, node_properties, render

JVM_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",  # no files in the shared temporary directory
    "-Xshare:auto",
    "-Djava.awt.headless=true",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)
LINES_QUOTED = 12


@dataclass(frozen=True, slots=True)
class Jvm:
    java: Path
    classpath: tuple[Path, ...]
    heap: str

    def command(self, main: str, *arguments: str, logging: Path | None = None) -> list[str]:
        classpath = os.pathsep.join(map(str, self.classpath))
        log = [f"-Dlog4j2.configurationFile={logging}"] if logging else []
        return [str(self.java), f"-Xmx{self.heap}", *JVM_OPTIONS, *log, "-cp", classpath, main, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the user's: JAVA_TOOL_OPTIONS and the like would end up in here."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


class Node:
    def __init__(self, place: Place, jvm: Jvm) -> None:
        self.place = place
        self._jvm = jvm
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """None when it isn't running. Not reaped before this is asked, so the number can't be another's."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def prepare(self, cluster: Sequence[Place], cluster_id: str, settings: Mapping[str, str]) -> None:
        self.place.data.mkdir(parents=True, exist_ok=True)
        self.place.properties.write_text(render(node_properties(self.place, cluster, settings)))
        self.place.logging.write_text(render(logging_properties(self.place)))
        if not (self.place.data / "meta.properties").exists():
            _format(self.place, cluster_id, _formatted_features(self._jvm, self.place))

    def spawn(self) -> None:
        with self.place.console.open("wb") as console:
            self.place.log.unlink(missing_ok=True)
            self._process = subprocess.Popen(
                self._jvm.command("kafka.Kafka", str(self.place.properties), logging=self.place.logging),
                env=self._jvm.environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is ours to handle: clients go first
            )

    def signal(self, number: signal.Signals) -> None:
        if self._process and self.pid:
            self._process.send_signal(number)

    async def exited(self, deadline: float) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline
        while self.pid and loop.time() < end:
            await asyncio.sleep(0.02)
        return self.pid is None

    def complaint(self) -> str:
        """The log's first error and what follows, else its last lines."""
        lines = [line for file in (self.place.log, self.place.console) for line in _lines(file)]
        first = next((n for n, line in enumerate(lines) if " ERROR " in line or " FATAL " in line), None)
        quoted = lines[-LINES_QUOTED:] if first is None else lines[first : first + LINES_QUOTED]
        return "\n".join(f"  {line}" for line in quoted)


def _lines(file: Path) -> list[str]:
    return file.read_text(errors="replace").splitlines() if file.exists() else []


def new_id() -> str:
    """As Kafka writes its UUIDs; none of its own begins with a dash either."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text


def read_cluster_id(place: Place) -> str | None:
    lines = _lines(place.data / "meta.properties")
    return next((line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id=")), None)


def _format(place: Place, cluster_id: str, features: bytes) -> None:
    (place.data / "bootstrap.checkpoint").write_bytes(features)
    meta = {"version": "1", "cluster.id": cluster_id, "node.id": str(place.node), "directory.id": new_id()}
    temporary = place.data / "meta.properties.tmp"
    temporary.write_text(render(meta))
    temporary.rename(place.data / "meta.properties")


def _formatted_features(jvm: Jvm, place: Place) -> bytes:
    """
    What Kafka's own format tool writes besides the ids: this version's feature levels. It takes a JVM a
    second to say the same each time, so it is asked once.
    """
    kept = cache_directory() / f"bootstrap-{KAFKA_VERSION}.checkpoint"
    if kept.exists():
        return kept.read_bytes()
    arguments = ("format", "--cluster-id", new_id(), "--config", str(place.properties))
    command = jvm.command("kafka.tools.StorageTool", *arguments, logging=place.logging)
    done = subprocess.run(command, env=jvm.environment, capture_output=True, text=True, check=False)
    made = place.data / "bootstrap.checkpoint"
    if done.returncode or not made.exists():
        raise BrokerError(f"Kafka can't format {place.data}: {done.stderr.strip() or done.stdout.strip()}")
    (place.data / "meta.properties").unlink()
    features = made.read_bytes()
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
        file.write(features)
    Path(file.name).rename(kept)
    return features
