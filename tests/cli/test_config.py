"""`metricland config`."""

import json
import tomllib
from pathlib import Path

from agents.__main__ import PRODUCT
from streams.settings.toml import example
from tests.cli.conftest import Metricland


def test_it_shows_what_is_in_effect(metricland: Metricland) -> None:
    Path("metricland.toml").write_text("processes = 2")
    as_toml = metricland("config", "--broker", "kafka://k:9")
    assert as_toml.exit_code == 0
    told = tomllib.loads(as_toml.stdout)
    assert (told["processes"], told["broker"], told["retention"]["hour"]) == (2, "kafka://k:9", "14d")
    assert json.loads(metricland("config", "--broker", "kafka://k:9", "--json").stdout) == told


def test_it_checks_a_file(metricland: Metricland) -> None:
    Path("right.toml").write_text("processes = 2")
    Path("wrong.toml").write_text("processes = 0\n[web]\nport = 'x'")
    right, wrong = (
        metricland("config", "--check", "right.toml"),
        metricland("config", "--check", "wrong.toml"),
    )
    assert (right.exit_code, right.stdout, right.stderr) == (0, "", "right.toml is right.\n")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert wrong.stderr.splitlines() == [
        "metricland: 2 settings are wrong:",
        "  processes is 0 (wrong.toml), expected a whole number, at least 1",
        '  web.port is "x" (wrong.toml), expected a whole number, from 1 to 65535',
    ]


def test_exported_dimension_sets_must_be_in_the_catalogue(metricland: Metricland) -> None:
    Path("metricland.toml").write_text('[dimensions]\nexported = ["", "priority,channel"]')
    assert metricland("config").exit_code == 0
    Path("metricland.toml").write_text('[dimensions]\nexported = ["chanel"]')
    told = metricland("config")
    assert told.exit_code == 1
    assert told.stderr.startswith('metricland: dimensions.exported has "chanel", expected of "", "agent", ')


def test_it_shows_the_example(metricland: Metricland) -> None:
    assert metricland("config", "--example").stdout == example(PRODUCT.settings)


def test_dimension_sets_with_minutes_must_be_in_the_catalogue_too(metricland: Metricland) -> None:
    Path("metricland.toml").write_text('[dimensions]\nminutes = ["chanel"]')
    told = metricland("config")
    assert told.exit_code == 1
    assert told.stderr.startswith('metricland: dimensions.minutes has "chanel", expected of "", "agent", ')


def test_what_is_exported_without_minutes_is_noted(metricland: Metricland) -> None:
    """Agents have none in any case."""
    Path("metricland.toml").write_text(
        '[dimensions]\nminutes = ["", "team"]\nexported = ["", "team", "tier", "agent"]'
    )
    told = metricland("config", "--check", "metricland.toml")
    assert (told.exit_code, told.stderr.splitlines()) == (
        0,
        [
            "metricland.toml is right.",
            'note: dimensions.exported has "tier" and dimensions.minutes has not: '
            "it is shown by windows of six hours and longer alone",
        ],
    )
