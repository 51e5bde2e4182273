"""How commands end, and how they are found."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from agents.__main__ import PRODUCT
from streams.cli.main import build
from tests.cli.conftest import Metricland


def commands() -> Iterator[str]:
    group = typer.main.get_command(build(PRODUCT))
    for name, command in group.commands.items():
        below = getattr(command, "commands", {})
        yield from (f"{name} {each}" for each in below) if below else [name]


@pytest.mark.parametrize("command", ["", *commands()])
def test_help_shows_examples(metricland: Metricland, command: str) -> None:
    told = metricland(*command.split(), "--help")
    assert told.exit_code == 0
    assert f" metricland {command}".rstrip() in told.stdout


def test_wrong_usage_ends_with_2(metricland: Metricland) -> None:
    for wrong in (["publsh"], ["report"], ["report", "gone.jsonl"], ["tail", "x", "--until-idle", "soon"]):
        told = metricland(*wrong)
        assert (told.exit_code, told.stdout) == (2, ""), wrong
        assert "Usage: " in told.stderr


def test_an_error_is_one_line_and_ends_with_1(metricland: Metricland) -> None:
    told = metricland("topics", "plan", "--broker", "localhost")
    assert told.exit_code == 1
    assert told.stdout == ""
    assert told.stderr == (
        'metricland: broker is "localhost" (option), expected "kafka://host:port[,host:port]"\n'
    )


def test_debug_shows_the_traceback(metricland: Metricland) -> None:
    told = metricland("--debug", "topics", "plan", "--broker", "localhost")
    assert told.exit_code == 1
    assert "ConfigurationError" in repr(told.exception)


def test_as_a_program_it_ends_alike(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agents", "config", "--config", "gone.toml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "metricland: gone.toml can't be read: No such file or directory\n"
