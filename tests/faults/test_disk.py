"""A broker whose disk is full: it ends, the workers wait for it, and nothing is lost."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka.broker import EmbeddedBroker
from tests.faults.feed import recent
from tests.faults.harness import Deployment, until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SIZE = 128
"MiB."


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path) -> Path:
    """The file to remove so that there is space again."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 16)):
                pass
        except OSError:
            return ballast
    raise AssertionError("unreachable")


async def test_the_brokers_disk_is_full(disk: Path) -> None:
    events = recent(12)
    async with EmbeddedBroker(data_dir=disk / "kafka") as broker, Deployment(broker.bootstrap) as deployment:
        (node,) = broker.pids
        worker = await deployment.start()
        async with deployment.feeding(events, seconds=60):
            await deployment.progress(2)
            ballast = fill(disk)
            assert await until(lambda: not broker.pids), "the broker goes on"
            assert deployment.fed < len(events)
            ballast.unlink()
            await broker.start(node)
        await deployment.settled()
        deployment.check(events)
        assert worker.running
