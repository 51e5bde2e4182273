"""What service levels come to, told so that who answers tickets can read it."""

import pytest

from tests.agents.sla.telling import Desk, Found, Scenario, clock_time, policy_of, scenarios

FILES = (
    "replies",
    "resolutions",
    "pauses",
    "policies",
    "warnings",
    "calendars",
    "corrections",
    "counting",
    "standing",
)
ALL = [scenario for name in FILES for scenario in scenarios(name)]


@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_it_is_as_told(scenario: Scenario) -> None:
    policies = [policy_of(line.split()[1:]) for line in scenario.lines if line.startswith("policy ")]
    of_call = any("offered" in line.split() for line in scenario.lines)
    desk, expected, looked = Desk(policies, of_call=of_call), [], 0
    told: list[str] | None = None
    for line in [*scenario.lines, "end"]:
        word, *rest = line.split()
        if word not in ("=", "told", "counted", "stood") and expected:
            assert sorted((it.name, it.state) for it in desk.instances()) == sorted(
                (name, state) for name, state, _ in expected if name != "nothing"
            )
            looked, expected = looked + 1, []
        if word == "=":
            expected.append(_expected(rest))
            _compare(expected[-1], desk.instances())
        elif word == "told":
            assert told == sorted(part.strip() for part in " ".join(rest).split(",") if part != "nothing")
        elif word == "counted":
            assert desk.counted(rest[0]) == rest[1]
            looked += 1
        elif word == "stood":
            when, _, expected_then = " ".join(rest[1:]).partition(": ")
            assert desk.stood(clock_time(when.split())[0]) == expected_then
            looked += 1
        elif word == "clock":
            desk.pass_time(clock_time(rest)[0])
            told = desk.publish()
        elif word not in ("policy", "end"):
            desk.happen(line.split())
    assert looked, "nothing was looked at"


def test_there_are_many() -> None:
    assert len(ALL) >= 80
    assert len({scenario.title for scenario in ALL}) == len(ALL)


def _expected(words: list[str]) -> tuple[str, str, dict[str, str]]:
    """`next_response 2 met at 09:40 by ann`: name, state, details."""
    if words == ["nothing"]:
        return "nothing", "", {}
    name = words.pop(0)
    if words[0].isdigit():
        name = f"{name} {words.pop(0)}"
    state, details = words.pop(0), {}
    while words:
        key, value = words.pop(0), words.pop(0)
        if value in ("Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
            value = f"{value} {words.pop(0)}"
        details[key] = value
    return name, state, details


def _compare(expected: tuple[str, str, dict[str, str]], found: list[Found]) -> None:
    name, state, details = expected
    if name == "nothing":
        assert not found
        return
    instance = next((it for it in found if it.name == name), None)
    assert instance is not None, f"there is no {name}, only {[it.name for it in found]}"
    assert (instance.state, {key: instance.details[key] for key in details}) == (state, details)
