"""Prometheus' rules that follow from policies: how fast each objective's budget burns, what is overdue."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.sla.burn import PAGES, WARNINGS, Threshold, thresholds
from agents.sla.definitions import PolicyDefinition, SlaDefinitions
from agents.sla.objectives import WHOLE, share_text
from agents.sla.policies import ANY, TARGETS
from streams.outlets.rules import Alert, Group, Links, Recording

BOARD = "cx-service-levels"
PLATFORM = "platform"
"The team that runs the processor."

SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
"What stands for something else in a regular expression."

JOB = 'job="metricland"'
TOTAL = "policy_target_window:cx_sla_total:max"
MISSED = "policy_target_window:cx_sla_missed_per_total:ratio"
OBJECTIVE = "policy_target:cx_sla_objective:ratio"
BURN_RATE = "policy_target_window:cx_sla_burn_rate:ratio"


@dataclass(frozen=True)
class Objective:
    """The share of a policy's target that is to be met, and what else tells its alerts apart."""

    policy: str
    target: str
    share: int
    team: str
    calendar: str | None

    @property
    def matchers(self) -> str:
        return f'{JOB}, policy="{self.policy}", target="{self.target}"'

    @property
    def labels(self) -> dict[str, str]:
        """A calendar says when its desk is there to do something."""
        told = {"team": self.team, "policy": self.policy, "target": self.target}
        return {**told, "calendar": self.calendar} if self.calendar else told


def objectives(definitions: SlaDefinitions) -> Iterator[Objective]:
    """One for each target of each policy that has one, as the last version of the policy has it."""
    versions: dict[str, list[PolicyDefinition]] = {}
    for version in definitions.policies:
        versions.setdefault(version.name, []).append(version)
    for name, all_ in versions.items():
        last = max(all_, key=lambda version: version.valid_from or 0)
        promised = {
            target for version in all_ for row in version.targets.values() for target in row.durations()
        }
        teams = last.when.team or ()
        team = teams[0] if len(teams) == 1 else definitions.alerts.team
        for target in (target for target in TARGETS if target in promised):
            share = last.objectives.get(target, last.objectives.get(ANY))
            if share is not None:
                yield Objective(name, target, share, team, last.calendar)


def rules(definitions: SlaDefinitions, links: Links) -> tuple[Group, ...]:
    """None without policies."""
    if not definitions.policies:
        return ()
    found = tuple(objectives(definitions))
    enough = definitions.alerts.enough
    burning = (alert for objective in found for alert in _burning(objective, enough, links))
    overdue = _overdue(definitions, links) if definitions.alerts.urgent else ()
    nothing = (_nothing_decided(links),) if found else ()
    return (
        Group("cx-service-levels", tuple(_recordings(found))),
        Group("cx-service-level-alerts", (*burning, *overdue, *nothing)),
    )


def _recordings(found: tuple[Objective, ...]) -> Iterator[Recording]:
    """A figure that has just moved may be there twice, hence `max`; of targets of which none was met there is
    no `cx_sla_good`."""
    kept = "max by (job, policy, target, window)"
    of_policies = f'{{{JOB}, by="policy,target"}}'
    yield Recording(TOTAL, f"{kept} (cx_sla_total{of_policies})")
    yield Recording(
        MISSED,
        f"(\n  {TOTAL}{{{JOB}}}\n  - (\n    {kept} (cx_sla_good{of_policies})\n"
        f"    or 0 * {TOTAL}{{{JOB}}}\n  )\n)\n/ {TOTAL}{{{JOB}}}",
    )
    for objective in found:
        named = {"job": "metricland", "policy": objective.policy, "target": objective.target}
        yield Recording(OBJECTIVE, f"vector({objective.share / WHOLE:g})", named)
    yield Recording(
        BURN_RATE, f"{MISSED}{{{JOB}}}\n/ on (job, policy, target) group_left ()\n(1 - {OBJECTIVE}{{{JOB}}})"
    )


def _burning(objective: Objective, enough: int, links: Links) -> Iterator[Alert]:
    steps = thresholds(objective.share)
    told = share_text(objective.share)
    for name, severity, tiers, lasting in (
        ("CxServiceLevelBurningFast", "critical", PAGES, "2m"),
        ("CxServiceLevelBurning", "warning", WARNINGS, "15m"),
    ):
        yield Alert(
            alert=name,
            expr="\nor\n".join(_over(objective, steps[tier], enough) for tier in tiers),
            lasting=lasting,
            labels={"severity": severity, **objective.labels},
            annotations={
                "summary": "Too many targets of a policy are missed.",
                "description": (
                    "Lately {{ $value | humanizePercentage }} of {{ $labels.target }} under policy "
                    f"{{{{ $labels.policy }}}} were missed. At least {told} are to be met."
                ),
                **links.of(name, BOARD),
            },
        )


def _over(objective: Objective, threshold: Threshold, enough: int) -> str:
    """Whether it burns in both windows, and enough was decided for the long one to say something."""

    def during(record: str, window: str) -> str:
        return f'{record}{{{objective.matchers}, window="{window}"}}'

    return (
        "max without (window) (\n"
        f"  {during(MISSED, threshold.short)} > {threshold.missed:g}\n"
        f"  and ignoring (window) {during(MISSED, threshold.long)} > {threshold.missed:g}\n"
        f"  and ignoring (window) {during(TOTAL, threshold.long)} >= {enough}\n"
        ")"
    )


def _overdue(definitions: SlaDefinitions, links: Links) -> Iterator[Alert]:
    name = "CxUrgentOverdue"
    urgent = json.dumps("|".join(SPECIAL.sub(r"\\\g<0>", each) for each in definitions.alerts.urgent))
    yield Alert(
        alert=name,
        expr=(
            "max by (job, priority, target) (\n"
            f'  cx_sla_overdue{{{JOB}, by="priority,target", priority=~{urgent}}}\n'
            ") > 0"
        ),
        labels={"severity": "critical", "team": definitions.alerts.team},
        annotations={
            "summary": "Urgent tickets are overdue.",
            "description": (
                "{{ $value }} tickets of priority {{ $labels.priority }} are past the deadline of "
                "{{ $labels.target }}, and still open."
            ),
            **links.of(name, BOARD),
        },
    )


def _nothing_decided(links: Links) -> Alert:
    name = "CxServiceLevelsUnknown"
    return Alert(
        alert=name,
        expr=(
            f"max by (job) (up{{{JOB}}}) == 1\n"
            f'unless on (job) max by (job) ({TOTAL}{{{JOB}, window="3d"}}) > 0'
        ),
        lasting="1h",
        labels={"severity": "warning", "team": PLATFORM},
        annotations={
            "summary": "No target has been met or missed for days.",
            "description": (
                "For 3 days job {{ $labels.job }} has seen no target of any policy met or missed: that none "
                "of their alerts fires says nothing."
            ),
            **links.of(name, BOARD),
        },
    )
