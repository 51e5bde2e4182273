"""Policies as settings have them: what is taken, what is refused, what is told of."""

import json
import re
from pathlib import Path

import pytest

from agents.__main__ import PRODUCT
from agents.catalogue import build_catalogue, notes
from agents.definitions import Definitions
from agents.sla.levels import Level
from agents.sla.policies import Policy
from streams.child import told as told_to_child
from streams.errors import ConfigurationError
from streams.moments import HOUR, MINUTE
from streams.settings import load

FILE = Path(__file__).with_name("policies.toml")
DOCS = Path(__file__).parents[3] / "docs" / "service-levels.md"
FIRST = "[definitions.sla.policies.targets.default]\nfirst_response = '1h'\n"


def definitions(text: str, tmp_path: Path) -> Definitions:
    file = tmp_path / "policies.toml"
    file.write_text(text)
    found = load(file, model=PRODUCT.settings).definitions
    assert isinstance(found, Definitions)
    return found


def policies(*texts: str) -> str:
    return "".join(f"[[definitions.sla.policies]]\n{text}\n" for text in texts)


def refused(text: str, tmp_path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        definitions(text, tmp_path)
    return str(caught.value).replace(str(tmp_path / "policies.toml"), "file")


def test_the_page_shows_a_file_that_is_right(tmp_path: Path) -> None:
    shown = re.search(r"```toml\n(.*?)```", DOCS.read_text(), re.S)
    assert shown is not None
    assert shown[1] == FILE.read_text()
    gold, everyone = definitions(shown[1], tmp_path).sla.all()
    assert gold == Policy(
        "gold",
        {
            "urgent": {"first_response": 15 * MINUTE, "resolution": 4 * HOUR},
            "default": {"first_response": HOUR, "next_response": 2 * HOUR, "resolution": 48 * HOUR},
        },
        when={"tier": frozenset({"gold", "enterprise"})},
        calendar="office",
        levels=(Level(share=750_000), Level(before=30 * MINUTE)),
    )
    assert everyone.targets == {"default": {"first_response": 8 * HOUR}}


def test_without_policies_nothing_is_declared() -> None:
    catalogue = build_catalogue(Definitions())
    assert "sla_compliance" not in {metric.name for metric in catalogue.metrics}
    assert catalogue.domain("tickets").deadlines is None


def test_with_policies_compliance_is_declared(tmp_path: Path) -> None:
    catalogue = build_catalogue(definitions(FILE.read_text(), tmp_path))
    assert {"sla_compliance", "sla_good", "sla_total"} <= {metric.name for metric in catalogue.metrics}
    assert catalogue.domain("tickets").signal_topics == {"sla": 30}


def test_another_policy_is_another_definition(tmp_path: Path) -> None:
    before = load(FILE, model=PRODUCT.settings).defining()
    (tmp_path / "other.toml").write_text(FILE.read_text().replace("15m", "16m"))
    assert load(tmp_path / "other.toml", model=PRODUCT.settings).defining() != before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (policies("name = 'a'"), "expected a target for policy 'a': first_response, "),
        (policies("name = 'a'\ntargets = {}"), "expected a target for policy 'a'"),
        (policies("name = 'a'\n[definitions.sla.policies.targets.default]\nfirst = 1"), "first is unknown"),
        (policies("name = 'a'\nwarn_at = ['120%']\n" + FIRST), 'warn_at is ["120%"]'),
        (policies("name = 'a'\nwarn_at = ['soon']\n" + FIRST), 'a share of the target such as "75%"'),
        (policies("name = 'a'\nvalid_from = 'now'\n" + FIRST), 'valid_from is "now"'),
        (policies("name = 'a'\nwhen = { colour = ['red'] }\n" + FIRST), "when.colour is unknown"),
        (
            policies("name = 'a'\npauses = { first_response = ['held'] }\n" + FIRST),
            "pauses.first_response is unknown",
        ),
        (policies("name = 'a'\npauses = { resolution = ['asleep'] }\n" + FIRST), "asleep"),
        (policies("name = 'a'\ncalendar = 'moon'\n" + FIRST), "calendar 'moon' of policy 'a' to be one of"),
        (policies("name = 'a'\n" + FIRST, "name = 'a'\n" + FIRST), "policy 'a' with different valid_from"),
        (
            policies("name = 'a'\n" + FIRST, "name = 'b'\nwhen = { tier = ['x'] }\n" + FIRST),
            "policy 'b' before 'a', which holds whenever it does",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, told: str, tmp_path: Path) -> None:
    assert told in refused(text, tmp_path)


def told(text: str, tmp_path: Path) -> list[str]:
    return list(notes(definitions(text, tmp_path)))


def test_a_fallback_for_all_time_leaves_nothing_to_say(tmp_path: Path) -> None:
    assert told(policies("name = 'a'\n" + FIRST), tmp_path) == []
    assert told("", tmp_path) == []


def test_gaps_are_told(tmp_path: Path) -> None:
    text = policies(
        "name = 'a'\nvalid_from = '2026-01-01T00:00:00Z'\nwhen = { tier = ['x'] }\n"
        "[definitions.sla.policies.targets.urgent]\nfirst_response = '1h'"
    )
    assert told(text, tmp_path) == [
        "no policy is valid before 2026-01-01T00:00:00Z: what starts earlier has no targets",
        "there is no fallback (a policy without conditions): what no policy holds for has no targets",
        "policy 'a' has targets for urgent alone: other priorities have none",
    ]


def test_overlaps_are_told(tmp_path: Path) -> None:
    text = policies(
        "name = 'a'\nwhen = { tier = ['x'] }\n" + FIRST,
        "name = 'b'\nwhen = { tags = ['y'] }\n" + FIRST,
        "name = 'c'\nwhen = { tier = ['z'] }\n" + FIRST,
        "name = 'd'\n" + FIRST,
    )
    assert told(text, tmp_path) == [
        "policies 'a' and 'b' can both hold: the first of them counts",
        "policies 'b' and 'c' can both hold: the first of them counts",
    ]


def test_targets_that_a_calendar_cannot_hold_are_told(tmp_path: Path) -> None:
    calendar = (
        "[definitions.calendars.once]\nzone = 'UTC'\ndates = { 2026-12-24 = ['09:00-12:00'] }\n"
        "[definitions.calendars.rare]\nzone = 'UTC'\nhours = { mon = ['09:00-09:10'] }\n"
    )
    text = calendar + policies(
        "name = 'a'\nwhen = { tier = ['x'] }\ncalendar = 'once'\n" + FIRST.replace("1h", "4h"),
        "name = 'b'\ncalendar = 'rare'\nwarn_at = ['2d']\n" + FIRST.replace("1h", "1d"),
    )
    assert told(text, tmp_path) == [
        "policy 'a', default: first_response of 4h can't be missed: calendar 'once' is not open for so long",
        "policy 'b', default: first_response of 1d takes more than 400 days on calendar 'rare'",
        "policy 'b', default: first_response of 1d is no longer than the warning time 2d, which never comes",
    ]


def test_a_worker_hands_policies_to_its_processes_as_they_are() -> None:
    settings = load(FILE, model=PRODUCT.settings)
    handed = json.loads(told_to_child(settings))
    assert PRODUCT.settings.model_validate(handed) == settings
