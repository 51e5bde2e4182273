"""What a worker needs before it joins."""

import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from streams import worker
from streams.crash import REFUSES
from streams.settings import load


class Crashed(Exception):
    pass


@pytest.fixture(autouse=True)
def crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(reason: str, *, code: int) -> NoReturn:
        assert code == REFUSES
        raise Crashed(reason)

    monkeypatch.setattr(worker, "crash", crash)


def settings(path: Path) -> Any:
    return load(overrides={"state.store": "rocksdb", "state.path": str(path)})


def test_rows_are_in_memory_where_nothing_else_is_asked_for() -> None:
    assert worker.disk_of(load()) is None


def test_without_its_extra_there_is_no_rocksdb(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "rocksdict", None)
    monkeypatch.delitem(sys.modules, "streams.state.disk", raising=False)
    with pytest.raises(Crashed, match=r"state\.store.* pip install 'metricland\[rocksdb\]'"):
        worker.disk_of(settings(tmp_path))


def test_a_path_that_can_not_be_a_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(Crashed, match=r"file/state' \(setting state\.path\): .*Not a directory"):
        worker.disk_of(settings(file / "state"))
