"""Compiled modules are those of the sources, or not used at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from streams import compiled

TOLD = (
    "from streams import compiled; from streams.windows import leaf; print(compiled.active(), leaf.__file__)"
)


def told(*, pure: bool) -> list[str]:
    environment = {"CX_PURE_PYTHON": "1" if pure else "0"}
    command = [sys.executable, "-c", TOLD]
    done = subprocess.run(
        command, cwd=compiled.ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_sources_can_be_asked_for() -> None:
    active, file = told(pure=True)
    assert active == "False"
    assert file.endswith("leaf.py")


@pytest.mark.skipif(not compiled.RECORD.exists(), reason="there was no C compiler")
def test_what_was_compiled_is_used() -> None:
    active, file = told(pure=False)
    assert (active, Path(file).suffix) == ("True", ".so"), "make test compiles what has changed"


def test_a_changed_source_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "digests", lambda: {"streams.windows.leaf": "other"})
    before = list(sys.meta_path)
    assert not compiled.install()
    assert sys.meta_path == before


def test_what_is_compiled_is_there() -> None:
    assert "streams.windows.leaf" in compiled.MODULES
    assert all(compiled.source(module).is_file() for module in compiled.MODULES)
