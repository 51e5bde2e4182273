"""Prometheus' rules of policies: which objectives there are, whom they concern, when they fire."""

from itertools import pairwise

import pytest

from agents.definitions import Definitions
from agents.sla.burn import PAGES, WARNINGS, thresholds
from agents.sla.definitions import SlaDefinitions
from agents.sla.rules import Objective, objectives, rules
from streams.outlets.rules import Alert, Links

HOUR = {"default": {"first_response": "1h"}}


def of(*policies: dict[str, object], **alerts: object) -> SlaDefinitions:
    return SlaDefinitions.model_validate({"policies": policies, "alerts": alerts})


def test_factors_are_those_of_the_workbook() -> None:
    """99 %, so 1 % may be missed."""
    found = [(each.short, each.long, each.missed) for each in thresholds(9_900).values()]
    assert found == [("5m", "1h", 0.144), ("30m", "6h", 0.06), ("2h", "1d", 0.03), ("6h", "3d", 0.01)]


@pytest.mark.parametrize(
    "objective, missed",
    [
        (9_500, [0.72, 0.3, 0.15, 0.05]),
        (9_306, [0.99936, 0.4164, 0.2082, 0.0694]),
        (9_300, [0.71, 0.42, 0.21, 0.07]),
        (8_000, [0.9, 0.8, 0.6, 0.2]),
        (5_000, [0.9375, 0.875, 0.75, 0.5]),
    ],
)
def test_a_tier_that_could_never_fire_is_rescaled(objective: int, missed: list[float]) -> None:
    assert [each.missed for each in thresholds(objective).values()] == missed


@pytest.mark.parametrize("objective", [1, 100, 5_000, 9_000, 9_310, 9_900, 9_999])
def test_every_tier_can_fire_and_a_faster_one_asks_for_more(objective: int) -> None:
    found = thresholds(objective)
    assert list(found) == [*PAGES, *WARNINGS]
    assert all(faster.missed > slower.missed for faster, slower in pairwise(found.values()))
    assert all(0 < each.missed < 1 for each in found.values())


def test_every_target_of_a_policy_has_the_objective_of_its_own_or_the_default() -> None:
    targets = {"urgent": {"resolution": "4h"}, "default": {"first_response": "1h", "next_response": "2h"}}
    policy = {"name": "gold", "targets": targets, "objectives": {"default": "95%", "resolution": "99.5%"}}
    assert list(objectives(of(policy))) == [
        Objective("gold", "first_response", 9_500, "support", None),
        Objective("gold", "next_response", 9_500, "support", None),
        Objective("gold", "resolution", 9_950, "support", None),
    ]


def test_without_an_objective_nothing_burns() -> None:
    policy = {"name": "gold", "targets": HOUR, "objectives": {"resolution": "90%"}}
    assert list(objectives(of(policy))) == []
    assert [rule.alert for rule in alerts(of(policy))] == ["CxUrgentOverdue"]


def test_the_last_version_of_a_policy_says_what_is_to_be_met() -> None:
    """Whatever the order in which they are listed; what an earlier one promised is to be met too."""
    later = {
        "name": "gold",
        "valid_from": "2027-01-01T00:00:00Z",
        "targets": {"default": {"resolution": "1h"}},
        "objectives": {"default": "99%"},
    }
    earlier = {"name": "gold", "targets": HOUR, "objectives": {"default": "90%"}}
    for versions in ((earlier, later), (later, earlier)):
        assert list(objectives(of(*versions))) == [
            Objective("gold", "first_response", 9_900, "support", None),
            Objective("gold", "resolution", 9_900, "support", None),
        ]


def test_a_policy_of_one_team_alone_concerns_that_team() -> None:
    billing = {"name": "b", "targets": HOUR, "when": {"team": ["billing"]}}
    two = {"name": "t", "targets": HOUR, "when": {"team": ["care", "sales"]}}
    assert [each.team for each in objectives(of(billing, two, team="desk"))] == ["billing", "desk"]


def test_an_alert_says_by_which_calendar_its_targets_run() -> None:
    definitions = Definitions.model_validate(
        {
            "calendars": {"office": {"zone": "UTC", "hours": {"mon-fri": ["09:00-17:00"]}}},
            "sla": {"policies": [{"name": "gold", "targets": HOUR, "calendar": "office"}]},
        }
    )
    fast, slow, overdue, _ = alerts(definitions.sla)
    for burning in (fast, slow):
        assert burning.labels["calendar"] == "office"
    assert "calendar" not in overdue.labels


def test_priorities_that_are_urgent_and_how_many_are_enough_can_be_chosen() -> None:
    policy = {"name": "gold", "targets": HOUR}
    fast, _, overdue, _ = alerts(of(policy, urgent=["p1", "p2.x"], enough=7))
    assert fast.expr.count(">= 7") == 2
    assert 'priority=~"p1|p2\\\\.x"' in overdue.expr
    assert "CxUrgentOverdue" not in [rule.alert for rule in alerts(of(policy, urgent=[]))]


def test_without_policies_there_are_no_rules() -> None:
    assert rules(SlaDefinitions(), Links()) == ()


def test_alerts_decide_nothing_of_what_figures_are_made_of() -> None:
    """So another objective asks for no rebuild."""
    one = Definitions(sla=of({"name": "gold", "targets": HOUR}))
    other = Definitions(sla=of({"name": "gold", "targets": HOUR, "objectives": {"default": "80%"}}, enough=3))
    third = Definitions(sla=of({"name": "gold", "targets": {"default": {"first_response": "2h"}}}))
    assert one.defining() == other.defining() != third.defining()


def alerts(definitions: SlaDefinitions) -> list[Alert]:
    made = (rule for group in rules(definitions, Links()) for rule in group.rules)
    return [rule for rule in made if isinstance(rule, Alert)]
