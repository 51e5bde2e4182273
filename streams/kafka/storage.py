"""A node's storage, which Kafka wants formatted before its first start."""

import base64
import subprocess
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.errors import BrokerError
from streams.kafka.jars import KAFKA_VERSION, cache_directory
from streams.kafka.jvm import Jvm
from streams.kafka.places import Place
from streams.kafka.properties import logging_properties, node_properties, render

CLUSTER_ID = "cluster.id="
FEATURES = "bootstrap.checkpoint"


def new_id() -> str:
    """As Kafka writes its UUIDs."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def kept_cluster_id(place: Place) -> str | None:
    lines = place.meta.read_text().splitlines() if place.meta.exists() else []
    return next((line.removeprefix(CLUSTER_ID) for line in lines if line.startswith(CLUSTER_ID)), None)


def prepare(
    place: Place, cluster: Sequence[Place], cluster_id: str, settings: Mapping[str, str], jvm: Jvm
) -> None:
    place.data.mkdir(parents=True, exist_ok=True)
    place.properties.write_text(render(node_properties(place, cluster, settings)))
    place.logging.write_text(render(logging_properties(place)))
    if not place.meta.exists():
        _format(place, cluster_id, jvm)


def _format(place: Place, cluster_id: str, jvm: Jvm) -> None:
    """
    Besides these ids, Kafka's own format tool writes the feature levels of its version. It takes a JVM a
    second to say the same each time, so it is asked once and its answer kept.
    """
    kept = cache_directory() / f"kafka-{KAFKA_VERSION}-{FEATURES}"
    if not kept.exists():
        _replace(kept, _ask_format_tool(jvm))
    (place.data / FEATURES).write_bytes(kept.read_bytes())
    meta = {"version": "1", "cluster.id": cluster_id, "node.id": str(place.node), "directory.id": new_id()}
    _replace(place.meta, render(meta).encode())


def _ask_format_tool(jvm: Jvm) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        place = Place(1, port=9092, controller_port=9093, directory=Path(directory))
        place.properties.write_text(render(node_properties(place, [place], {})))
        place.logging.write_text(render(logging_properties(place)))
        arguments = ("format", f"--cluster-id={new_id()}", f"--config={place.properties}")
        command = jvm.command("kafka.tools.StorageTool", *arguments, logging=place.logging)
        done = subprocess.run(command, env=jvm.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokerError(f"Kafka's format tool failed: {done.stderr.strip() or done.stdout.strip()}")
        return (place.data / FEATURES).read_bytes()


def _replace(file: Path, content: bytes) -> None:
    """All of it or none, also when several processes do it at once."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".new-", delete=False) as new:
        new.write(content)
    Path(new.name).replace(file)
