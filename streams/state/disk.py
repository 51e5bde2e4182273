"""Rows at rest in RocksDB, for state that does not fit into memory; it needs the extra `rocksdb`."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from rocksdict import (
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    WriteBatch,
    WriteBufferManager,
    WriteOptions,
)

PREFIX = "process-"
"Of the directories of processes."

BUFFER = 16 << 20
"Bytes of a table and partition that are written to a file together, at most."

FILES = 64
"Files of a table and partition that are held open."


class Store:
    """Rows by key of one table and partition: empty at first, gone when it is closed."""

    def __init__(self, directory: Path, options: Options) -> None:
        directory.mkdir()
        self._directory = directory
        self._rows = Rdict(str(directory), options)
        unlogged: Any = WriteOptions()  # its types give its properties as methods
        unlogged.disable_wal = True
        self._unlogged: WriteOptions = unlogged

    def get(self, key: bytes) -> bytes | None:
        row: bytes | None = self._rows.get(key)
        return row

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """Of each key in turn: a quarter less than to get one after the other."""
        rows: Any = self._rows
        found: list[bytes | None] = rows.get(keys)
        return found

    def write(self, rows: Mapping[str, bytes | None]) -> None:
        """None is a deletion. Without a log of its own: nothing of this is read after a crash."""
        batch = WriteBatch(raw_mode=True)
        for key, row in rows.items():
            if row is None:
                batch.delete(key.encode())
            else:
                batch[key.encode()] = row
        self._rows.write(batch, self._unlogged)

    def page(self, start: bytes, most: int) -> list[tuple[bytes, bytes]]:
        """The first rows at or after a key, in the order of keys."""
        rows: Any = self._rows.items(from_key=start)
        return list(islice(rows, most))

    def close(self) -> None:
        self._rows.close()
        shutil.rmtree(self._directory)


class Disk:
    """A directory of this process under `path`, where others may have theirs.

    Kafka has all that is in it: nothing of it is read by another process, and what processes have left that
    are gone is deleted. Raises OSError.
    """

    def __init__(self, path: Path, memory: int) -> None:
        """`memory` is what all stores together may hold in memory, in bytes."""
        path.mkdir(parents=True, exist_ok=True)
        turn = _lock(path, wait=True)
        try:
            _sweep(path)
            self.directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=path))
            self._lock = _lock(self.directory)
        finally:
            os.close(turn)
        self._options = _options(memory)

    def open(self, name: str) -> Store:
        return Store(self.directory / name, self._options)

    def close(self) -> None:
        shutil.rmtree(self.directory)
        os.close(self._lock)

    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.stat().st_size for file in self.directory.rglob("*") if file.is_file())


def _sweep(path: Path) -> None:
    """A process that is gone holds no lock on its directory."""
    for left in path.glob(f"{PREFIX}*"):
        try:
            lock = _lock(left)
        except BlockingIOError:
            continue
        shutil.rmtree(left)
        os.close(lock)


def _lock(directory: Path, *, wait: bool = False) -> int:
    """Until it is closed, or the process ends however it does. Raises BlockingIOError."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _options(memory: int) -> Options:
    """Half of the memory is for what is not in a file yet, and counts as part of the cache."""
    cache = Cache(memory)
    blocks = BlockBasedOptions()
    blocks.set_block_cache(cache)
    blocks.set_cache_index_and_filter_blocks(True)
    blocks.set_bloom_filter(10, False)
    options = Options(raw_mode=True)
    options.set_block_based_table_factory(blocks)
    options.set_write_buffer_manager(
        WriteBufferManager.new_write_buffer_manager_with_cache(memory // 2, False, cache)
    )
    options.set_write_buffer_size(BUFFER)
    options.set_max_open_files(FILES)
    options.set_max_background_jobs(2)
    options.set_compression_type(DBCompressionType.lz4())
    return options
