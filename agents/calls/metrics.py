"""The metrics of calls. Ratios count in the pane of the first offer, once a call is answered or abandoned."""

from functools import partial

from agents.calls.definitions import CallDefinitions
from agents.calls.outcomes import Outcome
from agents.calls.pickups import Pickup
from agents.calls.state import Call
from agents.dimensions import CALLS, OPERATIONS, PICKUPS, SOLVED_CALLS
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.moments import SECOND
from streams.windows.kinds import Count, Distribution, Ratio


def call_volume(call: Call) -> Observations:
    offered = call.offered
    return NONE if offered is None else (Observation(offered.time, offered.labels, 1),)


def calls_answered(call: Call) -> Observations:
    answered = call.answered
    return NONE if answered is None else (Observation(answered.time, answered.labels, 1),)


def transfer_rate(call: Call) -> Observations:
    offered, decision = call.offered, call.decision
    if offered is None or decision is None or not decision.answered:
        return NONE
    return (Observation(offered.time, decision.labels, call.transferred),)


def call_handle_time(call: Call) -> Observations:
    end = call.wrapped or call.ended
    if call.answered is None or end is None:
        return NONE
    return (Observation(end.time, end.labels, (call.talk or 0) + (call.hold or 0) + (call.wrap or 0)),)


def first_call_resolution(outcome: Outcome) -> Observations:
    return (Observation(outcome.time, outcome.labels, outcome.good),)


class Thresholds:
    """The ratios that depend on how long a caller waited (`within` and `early` in microseconds)."""

    def __init__(self, definitions: CallDefinitions) -> None:
        self.within = round(definitions.answered_within * SECOND)
        self.early = round(definitions.abandoned_early * SECOND)

    def service_level(self, call: Call) -> Observations:
        offered, decision = call.offered, call.decision
        if offered is None or decision is None:
            return NONE
        waited = decision.time - offered.time
        if not decision.answered and waited <= self.early:
            return NONE
        return (Observation(offered.time, decision.labels, decision.answered and waited <= self.within),)

    def service_level_negative(self, call: Call) -> Observations:
        offered, decision = call.offered, call.decision
        if offered is None or decision is None:
            return NONE
        met = decision.answered and decision.time - offered.time <= self.within
        return (Observation(offered.time, decision.labels, met),)

    def service_level_positive(self, call: Call) -> Observations:
        offered, decision = call.offered, call.decision
        if offered is None or decision is None:
            return NONE
        return (Observation(offered.time, decision.labels, decision.time - offered.time <= self.within),)

    def abandonment_rate(self, call: Call) -> Observations:
        offered, decision = call.offered, call.decision
        if offered is None or decision is None:
            return NONE
        if not decision.answered and decision.time - offered.time <= self.early:
            return NONE
        return (Observation(offered.time, decision.labels, not decision.answered),)


call_metric = partial(Metric, family=CALLS, windows=OPERATIONS, of="call")


def call_metrics(definitions: CallDefinitions, session_channels: frozenset[str]) -> tuple[Metric, ...]:
    thresholds = Thresholds(definitions)

    def speed_of_answer(pickup: Pickup) -> Observations:
        if not pickup.of_call and pickup.labels[-1] not in session_channels:
            return NONE
        return (Observation(pickup.time, pickup.labels, pickup.waited),)

    return (
        call_metric(
            name="call_volume",
            title="Calls offered",
            formula="calls by their first offer",
            unit="calls",
            kind=Count(),
            more_is_better=None,
            reads=("offered",),
            observe=call_volume,
        ),
        call_metric(
            name="calls_answered",
            title="Calls answered",
            formula="calls by their first answer",
            unit="calls",
            kind=Count(),
            more_is_better=None,
            reads=("answered",),
            observe=calls_answered,
        ),
        call_metric(
            name="abandonment_rate",
            title="Abandonment rate",
            formula="calls abandoned later than the short-abandon threshold / calls answered or abandoned, "
            "less those abandoned within it",
            unit="ratio",
            kind=Ratio(),
            more_is_better=False,
            reads=("offered", "decision"),
            observe=thresholds.abandonment_rate,
        ),
        call_metric(
            name="transfer_rate",
            title="Transfer rate",
            formula="answered calls transferred at least once / answered calls",
            unit="ratio",
            kind=Ratio(),
            more_is_better=False,
            reads=("offered", "decision", "transferred"),
            observe=transfer_rate,
        ),
        call_metric(
            name="service_level",
            title="Service level",
            formula="calls answered within the threshold / calls answered or abandoned, less those abandoned "
            "within the short-abandon threshold",
            unit="ratio",
            kind=Ratio(),
            more_is_better=True,
            reads=("offered", "decision"),
            observe=thresholds.service_level,
        ),
        call_metric(
            name="service_level_negative",
            title="Service level, abandoned calls missed",
            formula="calls answered within the threshold / calls answered or abandoned",
            unit="ratio",
            kind=Ratio(),
            more_is_better=True,
            reads=("offered", "decision"),
            observe=thresholds.service_level_negative,
        ),
        call_metric(
            name="service_level_positive",
            title="Service level, early abandoned calls met",
            formula="calls answered or abandoned within the threshold / calls answered or abandoned",
            unit="ratio",
            kind=Ratio(),
            more_is_better=True,
            reads=("offered", "decision"),
            observe=thresholds.service_level_positive,
        ),
        call_metric(
            name="call_handle_time",
            title="Call handle time",
            formula="talk, hold and wrap time of an answered call",
            unit="seconds",
            kind=Distribution(),
            more_is_better=False,
            reads=("answered", "ended", "wrapped", "talk", "hold", "wrap"),
            observe=call_handle_time,
        ),
        call_metric(
            name="speed_of_answer",
            title="Speed of answer",
            formula="from a call's first offer to its first answer; of a ticket in a session channel the "
            "time to its first response",
            unit="seconds",
            kind=Distribution(),
            family=PICKUPS,
            more_is_better=False,
            of="pickup",
            reads=(),
            observe=speed_of_answer,
        ),
        call_metric(
            name="first_call_resolution",
            title="First call resolution",
            formula="calls resolved, without a further call on the ticket (else of the customer in the "
            "queue) up to 7 days after their end / calls answered",
            unit="ratio",
            kind=Ratio(),
            family=SOLVED_CALLS,
            more_is_better=True,
            of="outcome",
            reads=(),
            observe=first_call_resolution,
        ),
    )
