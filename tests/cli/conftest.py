"""The command line as a user has it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agents.__main__ import PRODUCT
from streams.cli import waiting
from streams.cli.main import build

Metricland = Callable[..., Result]

NOBODY = "127.0.0.1:1"
GIVES_UP = (
    f"waiting for Kafka at {NOBODY}: connection refused\n"
    f"metricland: Kafka at {NOBODY} has not answered for 1 s: connection refused\n"
)
"What a command says where Kafka is away, that comes to an end by itself."


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 1.0)


@pytest.fixture
def metricland(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Metricland:
    """Runs a command in an empty directory, not on a terminal."""
    monkeypatch.chdir(tmp_path)
    app = build(PRODUCT)

    def run(*arguments: str, given: str | None = None, env: dict[str, str] | None = None) -> Result:
        return CliRunner().invoke(app, arguments, input=given, env=env)

    return run
