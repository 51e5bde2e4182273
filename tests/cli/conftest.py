"""The command line as a user has it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agents.__main__ import PRODUCT
from streams.cli.main import build

Metricland = Callable[..., Result]


@pytest.fixture
def metricland(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Metricland:
    """Runs a command in an empty directory, not on a terminal."""
    monkeypatch.chdir(tmp_path)
    app = build(PRODUCT)

    def run(*arguments: str, given: str | None = None, env: dict[str, str] | None = None) -> Result:
        return CliRunner().invoke(app, arguments, input=given, env=env)

    return run
