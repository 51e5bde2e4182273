"""The service levels of calls: how soon each is answered."""

from collections.abc import Mapping
from dataclasses import replace as with_fields
from typing import NamedTuple

from msgspec.structs import replace

from agents.calls.agent import CALLS
from agents.calls.definitions import CallDefinitions
from agents.calls.pickups import CALL
from agents.calls.state import Call
from agents.dimensions import CALL_DIMENSIONS, Labels
from agents.sla.fold import Step
from agents.sla.following import KEPT_DAYS, NOTHING, Follower
from agents.sla.policies import SPEED_OF_ANSWER, Facts, Policies
from agents.sla.records import TOPIC
from streams.catalogue import Domain
from streams.events import DEADLINE, LATEST, Event
from streams.moments import SECOND

WAITING = "waiting"
"The one status in which the clock of a call runs."


class Was(NamedTuple):
    """What a call was before an event."""

    offered: bool
    over: bool
    labels: Labels


class CallLevels(Follower[Call]):
    """Follows calls under policies: from the first offer to the answer, or to what ends the waiting."""

    kind = "call"
    reads = ("sla", "passed", "stood", "offered")

    def __init__(self, rules: Policies, definitions: CallDefinitions) -> None:
        super().__init__(rules)
        self._lost_after = round(definitions.lost_after * SECOND)

    def domain(self, calls: Domain = CALLS) -> Domain:
        """Calls with their service levels."""
        return with_fields(
            calls,
            types=(*(type_._replace(fold=self.followed(type_.fold)) for type_ in calls.types), DEADLINE),
            subjects=(*calls.subjects, *self.subjects),
            deadlines=self.deadlines,
            signals=self.signals,
            signal_topics={TOPIC: KEPT_DAYS},
        )

    def counts(self, state: Call) -> bool:
        return state.offered is not None

    def table(self, state: Call) -> tuple[Labels, ...]:
        return state.stood

    def dimensions(self, state: Call, target: str, policy: str, place: int) -> tuple[str | None, ...]:
        _, team, agent = state.stood[place]
        return (target, policy, None, CALL, team, agent)

    def named(self, state: Call, place: int) -> Mapping[str, str | None]:
        return {"channel": CALL, **dict(zip(CALL_DIMENSIONS, state.stood[place], strict=True))}

    def until(self, state: Call) -> int | None:
        return None if state.offered is None else min(state.offered.time + self._lost_after, LATEST)

    def look(self, state: Call) -> Was:
        return Was(state.offered is not None, _is_over(state), state.labels)

    def follow(self, state: Call, event: Event, was: Was) -> None:
        """What was answered or given up before its first offer has nothing to wait for."""
        if state.offered is None or was.over:
            return
        over, begins = _is_over(state), not was.offered
        if (begins and over) or not (begins or over or state.labels != was.labels):
            return
        levels = state.sla or NOTHING
        if begins:
            levels = replace(levels, source=event.source)
        queue, team, _ = state.labels
        facts = Facts(channel=CALL, team=team, queue=queue, source=levels.source)
        step, place = Step(self.rules, levels, facts, event.time), _place_of(state)
        step.move(WAITING, place)
        if begins:
            step.start(SPEED_OF_ANSWER)
        elif not over:
            step.bind()
        elif state.answered is not None:
            step.answer(place)
        else:
            step.give_up(place)
        state.sla = step.done()


def _is_over(call: Call) -> bool:
    return call.decision is not None or call.ended is not None


def _place_of(call: Call) -> int:
    if call.labels not in call.stood:
        call.stood = (*call.stood, call.labels)
    return call.stood.index(call.labels)
