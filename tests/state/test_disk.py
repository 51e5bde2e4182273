"""The directories of processes on disk: each has its own, and nothing of one that is gone is left or read."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streams.state.disk import Disk, Store
from tests.scratch import scratch

MEMORY = 1 << 20
PATIENCE = 60.0

OTHER = """
import sys, pathlib
from streams.state.disk import Disk
disk = Disk(pathlib.Path(sys.argv[1]), 1 << 20)
disk.open("rows").write({"a": b"1"})
print(disk.directory, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path() -> Iterator[Path]:
    with scratch() as directory:
        yield directory


@contextmanager
def other(path: Path) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """Another process that has rows there, and its directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.communicate()


def contents(store: Store) -> dict[bytes, bytes]:
    return dict(store.page(b"", 100))


def test_what_a_process_left_that_was_killed_is_deleted_and_not_read(path: Path) -> None:
    with other(path) as (process, left):
        process.kill()
        process.wait()
        assert any(left.iterdir())
        disk = Disk(path, MEMORY)
        assert not left.exists()
        store = disk.open("rows")
        assert contents(store) == {}
        store.close()
        disk.close()
    assert list(path.iterdir()) == []


def test_processes_share_a_path(path: Path) -> None:
    with other(path) as (_, theirs):
        disk = Disk(path, MEMORY)
        assert theirs.exists()
        assert theirs != disk.directory
        store = disk.open("rows")
        assert contents(store) == {}
        store.close()
        disk.close()
        assert theirs.exists()


def test_a_partition_that_comes_back_begins_empty(path: Path) -> None:
    disk = Disk(path, MEMORY)
    first = disk.open("rows-1")
    first.write({"a": b"1", "b": b"2", "": b"3"})
    assert contents(first) == {b"": b"3", b"a": b"1", b"b": b"2"}
    first.close()
    assert list(disk.directory.iterdir()) == []
    again = disk.open("rows-1")
    assert contents(again) == {}
    assert again.get(b"a") is None
    again.close()
    disk.close()


def test_nothing_is_logged_twice(path: Path) -> None:
    """Kafka has it: RocksDB's own log would be a second copy."""
    disk = Disk(path, MEMORY)
    store = disk.open("rows")
    store.write({f"{number}": bytes(1000) for number in range(100)})
    assert sum(file.stat().st_size for file in disk.directory.rglob("*.log")) == 0
    store.close()
    disk.close()


def test_what_is_not_in_memory_comes_from_files(path: Path) -> None:
    """Ten times as much as may be in memory."""
    disk = Disk(path, MEMORY)
    store = disk.open("rows")
    rows = {f"{number:05}": number.to_bytes(2, "big") * 500 for number in range(10_000)}
    for start in range(0, len(rows), 1000):
        store.write({key: rows[key] for key in list(rows)[start : start + 1000]})
    end = time.monotonic() + PATIENCE
    while not any(disk.directory.rglob("*.sst")) and time.monotonic() < end:
        time.sleep(0.01)  # RocksDB's threads write them
    assert disk.size() > 0
    assert any(disk.directory.rglob("*.sst"))
    assert all(store.get(key.encode()) == row for key, row in rows.items())
    wanted = ["09999", "none", "00000", "00000"]
    assert store.get_many([key.encode() for key in wanted]) == [rows.get(key) for key in wanted]
    assert store.get_many([]) == []
    assert {key.decode(): row for key, row in store.page(b"", 20_000)} == rows
    assert [key for key, _ in store.page(b"00998", 3)] == [b"00998", b"00999", b"01000"]
    store.close()
    disk.close()
