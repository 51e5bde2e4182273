"""`simulate` as a user has it; what it makes is tested with the simulator."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from typer.testing import CliRunner, Result

from agents.__main__ import PRODUCT
from agents.simulator import Simulation
from streams.cli.main import build
from streams.cli.simulate import happening

Simulate = Callable[..., Result]


@pytest.fixture
def simulate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulate:
    monkeypatch.chdir(tmp_path)
    app = build(replace(PRODUCT, simulator=Simulation))
    return lambda *arguments: CliRunner().invoke(app, ("simulate", *arguments))


def test_tickets_to_output(simulate: Simulate) -> None:
    result = simulate("--tickets", "10", "--to", "-")
    assert result.exit_code == 0
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert sum(event["type"] == "ticket.created" for event in told) == 10


def test_the_same_seed_writes_the_same_file(simulate: Simulate) -> None:
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        assert simulate("--tickets", "10", "--seed", seed, "--to", name).exit_code == 0
    a, b, c = (Path(name).read_bytes() for name in "abc")
    assert a == b != c


def test_until_ends_it(simulate: Simulate) -> None:
    result = simulate("--from", "2026-11-02T08:00:00Z", "--until", "2026-11-02T10:00:00Z", "--to", "-")
    times = [json.loads(line)["time"] for line in result.stdout.splitlines()]
    assert times[0] >= "2026-11-02T08"
    assert "2026-11-02T09:30" < times[-1] < "2026-11-02T10"


@pytest.mark.parametrize(
    "until, said", [("2026-11-01T00:00:00Z", "not after --from"), ("soon", "not an RFC 3339 time")]
)
def test_an_end_that_can_not_be(simulate: Simulate, until: str, said: str) -> None:
    result = simulate("--from", "2026-11-02T00:00:00Z", "--until", until, "--to", "-")
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_incident_is_switched_on(simulate: Simulate) -> None:
    def created(*options: str) -> int:
        until = ("--until", "2026-11-02T10:00:00Z")
        told = simulate("--from", "2026-11-02T08:00:00Z", *until, *options, "--to", "-").stdout
        return told.count('"topic":"login"')

    usual = created()
    assert created("--incident", "+30m/1h") > 2 * usual
    assert created("--incident", "2026-11-02T08:30:00Z") > 2 * usual
    assert created("--incident", "+3h") <= usual + 5


@pytest.mark.parametrize(
    "when, said",
    [
        ("soon", "not an RFC 3339 time"),
        ("+soon", "not a duration"),
        ("+1h/long", "not a duration"),
        ("+1h/0s", "not a span of time"),
    ],
)
def test_an_incident_that_can_not_be(simulate: Simulate, when: str, said: str) -> None:
    result = simulate("--incident", when, "--to", "-")
    assert result.exit_code == 2
    assert said in result.stderr


def test_what_happens_follows_the_clock() -> None:
    now = datetime(2026, 11, 3, 9, tzinfo=UTC)
    simulation = Simulation(seed=1, start=now)
    simulation.go_live(50, now)
    clock = (now + timedelta(seconds=seconds) for seconds in range(0, 60, 10))
    stop = Event()
    events = happening(simulation, lambda: next(clock), stop)
    first = json.loads(next(events)[2])
    assert f"{now:%Y-%m-%dT%H}" in first["time"]
    stop.set()
    assert all(json.loads(event[2])["time"] < "2026-11-03T09:00:10" for event in events)
