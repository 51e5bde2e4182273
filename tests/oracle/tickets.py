"""A ticket's life: its history step by step, and the observations that follow from it."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from .business import SPANS, Business
from .events import Event
from .observations import Observation

HOUR = 3_600_000_000
DAY = 24 * HOUR

SESSION_CHANNELS = frozenset({"chat", "phone", "social"})
SESSION_GAP = HOUR
REOPEN_LIMIT = 7 * DAY

TICKET_DIMENSIONS = ("channel", "priority", "team", "tier", "topic")

# Which dimensions, and the assignee (`agent_id`), an event of a type brings to the ticket.
BRINGS: dict[str, tuple[str, ...]] = {
    "ticket.created": (*TICKET_DIMENSIONS, "agent_id"),
    "ticket.updated": (*TICKET_DIMENSIONS, "agent_id"),
    "ticket.assigned": ("team", "agent_id"),
}

# What each shorthand asks of the status; created and updated ask by their `status` field.
SHORTHANDS: dict[str, str] = {
    "ticket.pended": "pending",
    "ticket.held": "held",
    "ticket.resumed": "resumed",
    "ticket.resolved": "resolved",
    "ticket.reopened": "reopened",
    "ticket.closed": "closed",
}

GOING = ("ticket.merged", "ticket.removed")
COMING_BACK = "ticket.restored"


@dataclass(frozen=True)
class Step:
    """One event that counts, with the ticket as it is right after it.

    Before the creation `dimensions` and `assignee` hold only what the event itself brings.
    """

    event: Event
    dimensions: dict[str, str | None]
    assignee: str | None
    status: str  # open, pending, held or resolved
    creates: bool
    resolves: bool
    reopens: bool
    closes: bool

    @property
    def time(self) -> int:
        return self.event.time

    @property
    def resolver(self) -> str | None:
        """The agent of a resolve: its `agent_id`, else the assignee then."""
        own: str | None = self.event.get("agent_id") if self.event.type == "ticket.resolved" else None
        return own if own is not None else self.assignee

    @property
    def is_reply(self) -> bool:
        """A public one of an agent."""
        return self.is_public_reply_of("agent")

    def is_public_reply_of(self, author: str) -> bool:
        return self.is_message_of(author) and self.event.get("public") is not False

    def is_message_of(self, author: str) -> bool:
        return self.event.type == "ticket.replied" and self.event.get("author") == author


def history(ordered: list[Event]) -> list[Step]:
    """The steps of a ticket's life; merging, removal and restoring are none (see `is_gone`)."""
    steps: list[Step] = []
    fields: dict[str, str | None] = {}
    created = resolved = closed = False
    status = "open"
    for event in ordered:
        if event.type in GOING or event.type == COMING_BACK:
            continue
        creates = event.type == "ticket.created" and not created
        if closed and not creates:
            continue
        created = created or creates
        brought = {name: event.get(name) for name in BRINGS.get(event.type, ()) if name in event.data}
        fields.update(brought)
        seen = fields if created else brought

        if event.type in ("ticket.created", "ticket.updated"):
            asked = event.get("status")
        else:
            asked = SHORTHANDS.get(event.type)
        resolves = not closed and not resolved and asked in ("resolved", "closed")
        reopens = not closed and resolved and asked in ("open", "reopened")
        closes = not closed and asked == "closed"
        resolved = (resolved or resolves) and not reopens
        if resolved:
            status = "resolved"
        elif reopens or asked in ("open", "resumed"):
            status = "open"
        elif asked in ("pending", "held"):
            status = asked
        closed = closed or closes
        steps.append(
            Step(
                event=event,
                dimensions={name: seen.get(name) for name in TICKET_DIMENSIONS},
                assignee=seen.get("agent_id"),
                status=status,
                creates=creates,
                resolves=resolves,
                reopens=reopens,
                closes=closes,
            )
        )
    return steps


def is_gone(ordered: list[Event]) -> bool:
    """Removed or merged, and not restored after it."""
    turns = [event.type for event in ordered if event.type in GOING or event.type == COMING_BACK]
    return bool(turns) and turns[-1] != COMING_BACK


def observations(ordered: list[Event], business: Business | None = None) -> list[Observation]:
    """Everything that one ticket contributes, its survey answers apart."""
    steps = history(ordered)
    if is_gone(ordered) or not any(step.creates for step in steps):
        return []
    found = calendar_time(steps)
    return found if business is None else [*found, *business_time(steps, found, business)]


def business_time(steps: list[Step], found: list[Observation], business: Business) -> list[Observation]:
    """The durations a second time: of the same spans what is open in the calendar that applies."""
    created, spans = after_creation(steps)[0].time, spans_of_waits(steps)
    return [
        *(business.of_span(seen) for seen in found if seen.metric in SPANS),
        *(business.of_spans(seen, created, spans[seen.metric]) for seen in found if seen.metric in spans),
    ]


def spans_of_waits(steps: list[Step]) -> dict[str, list[tuple[int, int]]]:
    """The spans since the creation that each wait until the standing resolution consists of."""
    standing = standing_resolution(steps)
    if standing is None:
        return {}
    statuses = {
        "requester_wait_time": ("open", "held"),
        "agent_work_time": ("open",),
        "agent_wait_time": ("pending",),
    }
    position, creation = steps.index(standing), steps.index(after_creation(steps)[0])
    turns = list(pairwise(steps[creation : position + 1]))
    return {
        name: [(one.time, other.time) for one, other in turns if one.status in waiting]
        for name, waiting in statuses.items()
    }


def calendar_time(steps: list[Step]) -> list[Observation]:
    return [
        *volumes(steps),
        *first_responses(steps),
        *next_responses(steps),
        *resolutions(steps),
        *waits(steps),
        *handling(steps),
        *escalations(steps),
        *ratios_of_the_first_resolve(steps),
    ]


def observe(metric: str, step: Step, agent: str | None, value: int = 1) -> Observation:
    return Observation(metric, step.time, {**step.dimensions, "agent": agent}, value)


def duration(metric: str, start: Step, end: Step, agent: str | None) -> list[Observation]:
    """The time from start to end; an end before its start is no observation."""
    span = end.time - start.time
    return [observe(metric, end, agent, span)] if span >= 0 else []


def volumes(steps: list[Step]) -> list[Observation]:
    found: list[Observation] = []
    for step in steps:
        if step.creates:
            found.append(observe("tickets_created", step, step.assignee))
            found.append(observe("inquiry_topics", step, step.assignee))
        if step.closes:
            found.append(observe("tickets_closed", step, step.assignee))
        if step.is_reply:
            found.append(observe("replies", step, step.event.get("agent_id")))
    standing = standing_resolution(steps)
    if standing is not None:
        found.append(observe("tickets_resolved", standing, standing.resolver))
    return found


def standing_resolution(steps: list[Step]) -> Step | None:
    """The resolve that no reopen has followed."""
    standing: Step | None = None
    for step in steps:
        if step.resolves:
            standing = step
        if step.reopens:
            standing = None
    return standing


def following_the_question(steps: list[Step]) -> list[Step]:
    """The step that starts the first response's clock, and all that follow it; none where none does."""
    at_or_after_creation = after_creation(steps)
    if at_or_after_creation[0].event.get("created_by") != "agent":
        return at_or_after_creation
    for position, step in enumerate(at_or_after_creation):
        if step.is_message_of("customer"):
            return at_or_after_creation[position:]
    return []


def first_responses(steps: list[Step]) -> list[Observation]:
    following = following_the_question(steps)
    if not following:
        return []
    start = following[0]
    found: list[Observation] = []
    by_agent = next((step for step in following if step.is_reply), None)
    if by_agent is not None:
        found += duration("first_response_time", start, by_agent, by_agent.event.get("agent_id"))
    by_bot = next((step for step in following if step.is_public_reply_of("bot")), None)
    if by_bot is not None:
        found += duration("first_bot_response_time", start, by_bot, None)
    return found


def next_responses(steps: list[Step]) -> list[Observation]:
    """One for each run of public customer messages after the first response that an agent answered."""
    found: list[Observation] = []
    responded = False
    unanswered: Step | None = None
    for step in following_the_question(steps):
        if step.is_reply:
            if unanswered is not None:
                found += duration("next_response_time", unanswered, step, step.event.get("agent_id"))
            responded, unanswered = True, None
        elif step.is_public_reply_of("customer") and responded and unanswered is None:
            unanswered = step
        elif step.resolves:
            unanswered = None
    return found


def after_creation(steps: list[Step]) -> list[Step]:
    """The creating step and all that follow it in order."""
    position = next(index for index, step in enumerate(steps) if step.creates)
    return steps[position:]


def resolutions(steps: list[Step]) -> list[Observation]:
    creation = after_creation(steps)[0]
    found: list[Observation] = []
    standing = standing_resolution(steps)
    if standing is not None:
        found += duration("resolution_time", creation, standing, standing.resolver)
    first = next((step for step in steps if step.resolves), None)
    if first is not None:
        found += duration("first_resolution_time", creation, first, first.resolver)
    return found


def waits(steps: list[Step]) -> list[Observation]:
    """The spans between the creation and the standing resolution, by the status in them."""
    standing = standing_resolution(steps)
    if standing is None:
        return []
    spent = {"open": 0, "pending": 0, "held": 0, "resolved": 0}
    position, creation = steps.index(standing), steps.index(after_creation(steps)[0])
    for earlier, later in pairwise(steps[creation : position + 1]):
        spent[earlier.status] += later.time - earlier.time
    agent = standing.resolver
    return [
        observe("requester_wait_time", standing, agent, spent["open"] + spent["held"]),
        observe("agent_work_time", standing, agent, spent["open"]),
        observe("agent_wait_time", standing, agent, spent["pending"]),
    ]


def handling(steps: list[Step]) -> list[Observation]:
    standing = standing_resolution(steps)
    sittings = [step.event.get("seconds") for step in steps if step.event.type == "ticket.handled"]
    if standing is None or not sittings:
        return []
    spent = sum(round(Fraction(repr(seconds)) * 1_000_000) for seconds in sittings)
    return [observe("handle_time", standing, standing.resolver, spent)]


def escalations(steps: list[Step]) -> list[Observation]:
    escalating = [step for step in steps if step.event.type == "ticket.escalated"]
    named = [step.event.get("agent_id") for step in steps if step.event.type in BRINGS or step.is_reply]
    first_agent = next((agent for agent in named if agent is not None), None)
    creation = after_creation(steps)[0]
    return [
        observe("escalation_rate", creation, first_agent, int(bool(escalating))),
        *(
            Observation(
                "escalations",
                step.time,
                {"to": step.event.get("to"), "reason": step.event.get("reason")},
                1,
            )
            for step in escalating
        ),
    ]


def ratios_of_the_first_resolve(steps: list[Step]) -> list[Observation]:
    """first_contact_resolution, one_touch_rate and reopen_rate: over tickets ever resolved."""
    position = next((index for index, step in enumerate(steps) if step.resolves), None)
    if position is None:
        return []
    first, before, after = steps[position], steps[:position], steps[position + 1 :]
    reopens = [step for step in after if step.reopens]
    replies = [step for step in before if step.is_reply]
    one_touch = len(replies) == 1

    contacts = one_touch
    if first.dimensions["channel"] in SESSION_CHANNELS:
        gaps = [later.time - earlier.time for earlier, later in pairwise(replies)]
        contacts = all(gap <= SESSION_GAP for gap in gaps)
    escalated = any(step.event.type == "ticket.escalated" for step in before)
    assignments = [step for step in before if step.event.type == "ticket.assigned"]
    agents = {step.event.get("agent_id") for step in (*replies, *assignments)} | {first.resolver}
    one_agent = len(agents - {None}) <= 1
    came_back = any(step.time - first.time <= REOPEN_LIMIT for step in reopens)
    first_contact = contacts and not escalated and one_agent and not came_back

    return [
        observe("first_contact_resolution", first, first.resolver, int(first_contact)),
        observe("one_touch_rate", first, first.resolver, int(one_touch)),
        observe("reopen_rate", first, first.resolver, int(bool(reopens))),
    ]
