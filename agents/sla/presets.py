"""The compliance that other systems would tell of the same tickets under the same policies.

Sources: Zendesk's help (articles 218161007, 4408829459866, 4408885881498) and Fivetran's dbt_zendesk (#179);
Chatwoot's `enterprise/app/services/sla/evaluate_applied_sla_service.rb` and `config/schedule.yml`; Intercom's
help (article 9263617) and the field `sla_applied` of its API.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from agents.sla.clock import reach
from agents.sla.instances import labels_at
from agents.sla.metrics import Verdict
from agents.sla.policies import (
    ANY,
    DONE,
    FIRST_RESPONSE,
    NEXT_RESPONSE,
    NO_GOAL,
    REPLIES,
    RESOLUTION,
    TARGETS,
    UNKNOWN,
    Facts,
    Policies,
    Policy,
)
from agents.sla.state import BREACHED, CANCELLED, MET, OPEN, Instance, ServiceLevels
from agents.sla.tickets import TicketLevels
from agents.tickets.state import Ticket
from streams.moments import MINUTE

CONVERSATION = "conversation"
"In place of a target: all of a ticket's together."
POLL = 5 * MINUTE
ZENDESK_PAUSES = {"requester_wait": frozenset({"pending"}), "agent_work": frozenset({"pending", "held"})}
THREE = (FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION)
"The targets that all have."


class Counted(NamedTuple):
    """What counts as met or missed: when, of which target and goal, and the place of its labels."""

    time: int
    target: str
    goal: int
    labels: int
    met: bool


@dataclass(frozen=True, eq=False)
class Case:
    """A ticket with what is promised of it."""

    rules: Policies
    ticket: Ticket
    levels: ServiceLevels
    instances: tuple[Instance, ...]

    def goal(self, instance: Instance, place: int) -> int:
        """The goal that the instance would have under the labels of a place."""
        channel, priority, team, tier, _, topic = self.ticket.labels[place]
        facts = Facts(
            channel=channel,
            priority=priority,
            team=team,
            tier=tier,
            topic=topic,
            source=self.levels.source,
            tags=self.levels.tags,
        )
        return self.rules.goal(instance.target, instance.started, facts)

    def missed_at(self, instance: Instance, goal: int) -> int | None:
        """When its time under that goal alone was used up, if it ever is."""
        alone = _only(instance, goal)
        return reach(self.rules, alone, self.levels.moments, self.rules.goals[goal].duration)

    def end(self, instance: Instance) -> int | None:
        """None while it is open."""
        return None if instance.outcome == OPEN else instance.marks[-1].time


def zendesk_policy(policy: Policy) -> Policy:
    """Without a priority there is no target; only waiting and working time ever stand still."""
    return replace(
        policy,
        targets={**policy.targets, UNKNOWN: {}},
        pauses={name: ZENDESK_PAUSES.get(name, frozenset()) for name in TARGETS},
        resolve_fulfils_replies=True,
    )


def zendesk(case: Case) -> Iterator[Counted]:
    """The target that was applied last counts from the same start, also where another was missed before."""
    for instance in case.instances:
        end = case.end(instance)
        until = case.ticket.passed if end is None else end
        goal = case.goal(instance, labels_at(case.levels.moments, until))
        if goal == NO_GOAL or instance.outcome == CANCELLED:
            continue
        missed = case.missed_at(instance, goal)
        time = until if missed is None else min(missed, until)
        is_missed = missed is not None and (missed < until or (end is None and missed <= until))
        if is_missed or end is not None:
            place = instance.marks[-1].labels if end is not None and not is_missed else _place(case, time)
            yield Counted(time, TARGETS[instance.target], goal, place, not is_missed)


def chatwoot_policy(policy: Policy) -> Policy:
    """One row for all priorities, three targets, and nothing stops a clock."""
    return replace(
        policy,
        targets={ANY: _named(policy.targets.get(ANY, {}), THREE)},
        pauses={TARGETS[target]: frozenset() for target in THREE},
        resolve_fulfils_replies=True,
    )


def chatwoot(case: Case) -> Iterator[Counted]:
    """Conversations, not targets: one counts where it was created, as a hit until a poll finds a miss.

    The policy of the creation stays, and nothing is looked at after the first resolve.
    """
    moments = case.levels.moments
    resolved = next((moment.time for moment in moments if moment.status in DONE), None)
    place = moments[0].labels
    found: dict[str, tuple[int, bool]] = {}
    for instance in case.instances:
        goal = case.goal(instance, place)
        if goal == NO_GOAL or (resolved is not None and instance.started > resolved):
            continue
        is_missed = _seen_by_a_poll(case, instance, goal)
        for target in (TARGETS[instance.target], CONVERSATION):
            _, before = found.get(target, (goal, False))
            found[target] = goal, before or is_missed
    for target, (goal, is_missed) in found.items():
        yield Counted(moments[0].time, target, goal, place, not is_missed)


def _seen_by_a_poll(case: Case, instance: Instance, goal: int) -> bool:
    """A late first reply is seen afterwards too; all else that is done before the next poll is forgotten."""
    missed, end = case.missed_at(instance, goal), case.end(instance)
    if missed is None or missed > case.ticket.passed or (end is not None and end <= missed):
        return False
    poll = -(-missed // POLL) * POLL
    if instance.target != FIRST_RESPONSE and end is not None and poll >= end:
        return False
    return poll <= case.ticket.passed


def intercom_policy(policy: Policy) -> Policy:
    """Three targets, and nothing stops a clock; a close cancels what waits for a reply."""
    return replace(
        policy,
        targets={priority: _named(row, THREE) for priority, row in policy.targets.items()},
        pauses={TARGETS[target]: frozenset() for target in THREE},
        resolve_fulfils_replies=False,
    )


def intercom(case: Case) -> Iterator[Counted]:
    """A miss is found by the late reply or close, and counts then; what nobody answers stays active."""
    for instance in case.instances:
        if instance.outcome not in (MET, BREACHED):
            continue
        mark = instance.marks[-1]
        late = instance.outcome == BREACHED
        if late and instance.target in REPLIES and _was_resolved(case.levels, mark.time):
            continue
        yield Counted(mark.time, TARGETS[instance.target], mark.goal, mark.labels, not late)


def _was_resolved(levels: ServiceLevels, time: int) -> bool:
    """Whether it was a resolve that ended what ended then."""
    return any(moment.time == time and moment.status in DONE for moment in levels.moments)


def _place(case: Case, time: int) -> int:
    return labels_at(case.levels.moments, time)


def _only(instance: Instance, goal: int) -> Instance:
    return Instance(instance.target, instance.number, instance.started, goal)


def _named(row: Mapping[str, int], targets: tuple[int, ...]) -> dict[str, int]:
    names = {TARGETS[target] for target in targets}
    return {name: duration for name, duration in row.items() if name in names}


class PresetLevels(TicketLevels):
    """Tickets as another system counts them: for a batch, which looks at all that there is."""

    def __init__(self, rules: Policies, counted: Callable[[Case], Iterator[Counted]]) -> None:
        super().__init__(rules)
        self._counted = counted

    def verdicts(self, state: Ticket) -> tuple[Verdict, ...]:
        instances = self.instances(state)
        if state.sla is None or not instances:
            return ()
        return tuple(
            Verdict(time, self.dimensions(state, target, self.rules.goals[goal].policy.name, labels), met)
            for time, target, goal, labels, met in self._counted(
                Case(self.rules, state, state.sla, instances)
            )
        )


@dataclass(frozen=True)
class System:
    policy: Callable[[Policy], Policy]
    counted: Callable[[Case], Iterator[Counted]]
    told: tuple[str, ...]


SYSTEMS = {
    "zendesk": System(
        zendesk_policy,
        zendesk,
        (
            "a ticket without a priority has no targets.",
            "resolution targets run on while a ticket is pending.",
            "the target applied last counts from the start: another priority can undo a breach, or make one.",
        ),
    ),
    "chatwoot": System(
        chatwoot_policy,
        chatwoot,
        (
            "conversations are counted, when they were created: open ones as hits, until a miss is found.",
            "misses are looked for every five minutes: what is done late before the next look is none, but "
            "for the first response.",
            "one row of targets for all priorities, by the policy of the creation; clocks never pause, and "
            "after the first resolve nothing counts.",
        ),
    ),
    "intercom": System(
        intercom_policy,
        intercom,
        (
            "a miss is found by the late reply, or the late close: what nobody answers is in neither part.",
            "a close without a reply cancels reply targets, also late ones.",
            "clocks never pause.",
        ),
    ),
}
