"""Calls: what became of them, and the observations that follow from it."""

from .events import Entities, Event
from .observations import Dimensions, Observation
from .tickets import SESSION_CHANNELS, after_creation, first_responses, history, is_gone

SECOND = 1_000_000
DAY = 86_400 * SECOND
THRESHOLD = 20 * SECOND
SHORT_ABANDON = 5 * SECOND
FURTHER = 7 * DAY
LOST = DAY

LEAVING = ("customer.merged", "customer.removed")


class Story:
    """One call, its events in their order."""

    def __init__(self, ordered: list[Event]) -> None:
        self.events = ordered
        self.offered = self.first("call.offered")
        self.answered = self.first("call.answered")
        self.decided = self.first("call.answered", "call.abandoned")
        self.ended = self.last("call.ended")
        self.wrapped = self.last("call.wrapped")

    def first(self, *types: str) -> Event | None:
        return next((event for event in self.events if event.type in types), None)

    def last(self, kind: str) -> Event | None:
        return next((event for event in reversed(self.events) if event.type == kind), None)

    def said(self, name: str, kind: str, until: Event | None = None) -> str | float | bool | None:
        """What the events of a type say of a field, the last word counts; `until` that event, or in all."""
        value = None
        for event in self.events:
            if event.type == kind and name in event.data:
                value = event.get(name)
            if event is until:
                break
        return value

    def dimensions(self, then: Event) -> dict[str, str | None]:
        return {
            "queue": self.text("queue", "call.offered", then),
            "team": self.text("team", "call.offered", then),
            "agent": self.text("agent_id", "call.answered", then),
        }

    def text(self, name: str, kind: str, until: Event | None = None) -> str | None:
        value = self.said(name, kind, until)
        return None if value is None else str(value)

    @property
    def ticket(self) -> str | None:
        return self.text("ticket_id", "call.offered")

    @property
    def caller(self) -> tuple[str, str | None] | None:
        """The customer and the queue."""
        customer = self.text("customer_id", "call.offered")
        return None if customer is None else (customer, self.text("queue", "call.offered"))


def observations(calls: Entities, tickets: Entities, customers: Entities) -> list[Observation]:
    """Everything that calls contribute, and the quick responses to tickets."""
    stories = [Story(ordered) for ordered in calls.values() if ordered]
    found: list[Observation] = []
    for story in stories:
        found += [*volumes(story), *ratios(story), *durations(story)]
        found += resolution(story, stories, customers)
    for ticket in tickets.values():
        found += quick_response(ticket)
    return found


def volumes(story: Story) -> list[Observation]:
    counted = {"call_volume": story.offered, "calls_answered": story.answered}
    return [
        Observation(metric, event.time, story.dimensions(event), 1)
        for metric, event in counted.items()
        if event is not None
    ]


def ratios(story: Story) -> list[Observation]:
    """In the pane of the first offer, with the dimensions of the first answer or abandonment."""
    offered, decided = story.offered, story.decided
    if offered is None or decided is None:
        return []
    waited, answered = decided.time - offered.time, decided.type == "call.answered"
    in_time, short = waited <= THRESHOLD, not answered and waited <= SHORT_ABANDON
    values: dict[str, bool] = {
        "service_level_negative": answered and in_time,
        "service_level_positive": in_time,
    }
    if not short:
        values["service_level"] = answered and in_time
        values["abandonment_rate"] = not answered
    if answered:
        values["transfer_rate"] = story.first("call.transferred") is not None
    dimensions = story.dimensions(decided)
    return [Observation(metric, offered.time, dimensions, int(met)) for metric, met in values.items()]


def durations(story: Story) -> list[Observation]:
    offered, answered, end = story.offered, story.answered, story.wrapped or story.ended
    found: list[Observation] = []
    if answered is not None and offered is not None and answered.time >= offered.time:
        dimensions = {**story.dimensions(answered), "medium": "call"}
        found.append(Observation("speed_of_answer", answered.time, dimensions, answered.time - offered.time))
    if answered is not None and end is not None:
        parts = (
            story.said("talk_seconds", "call.ended"),
            story.said("hold_seconds", "call.ended"),
            story.wrapped.get("seconds") if story.wrapped is not None else None,
        )
        worked = sum(round(float(part or 0) * SECOND) for part in parts)
        found.append(Observation("call_handle_time", end.time, story.dimensions(end), worked))
    return found


def resolution(story: Story, stories: list[Story], customers: Entities) -> list[Observation]:
    """first_call_resolution: of the answered calls."""
    offered, decided = story.offered, story.decided
    if offered is None or decided is None or decided.type != "call.answered":
        return []
    if story.ticket is None and story.caller is not None and left(customers.get(story.caller[0], [])):
        return []
    solved = story.said("resolved", "call.ended") is True
    for other in stories:
        if other is not story and is_further(other, story):
            solved = False
    return [Observation("first_call_resolution", offered.time, story.dimensions(decided), int(solved))]


def left(customer: list[Event]) -> bool:
    """Merged and removed customers leave every metric, what is counted by them included."""
    return any(event.type in LEAVING for event in customer)


def is_further(other: Story, story: Story) -> bool:
    if story.ticket is not None:
        related = other.ticket == story.ticket
    else:
        related = story.caller is not None and other.caller == story.caller
    if not related or other.offered is None or story.offered is None or story.ended is None:
        return False
    return story.offered.time < other.offered.time <= story.ended.time + FURTHER


def quick_response(ticket: list[Event]) -> list[Observation]:
    """The first response to a ticket in a session channel is a speed of answer too."""
    steps = history(ticket)
    if is_gone(ticket) or not any(step.creates for step in steps):
        return []
    return [
        Observation(
            "speed_of_answer",
            seen.time,
            {
                "team": seen.dimensions["team"],
                "agent": seen.dimensions["agent"],
                "medium": seen.dimensions["channel"],
            },
            seen.value,
        )
        for seen in first_responses(steps)
        if seen.metric == "first_response_time" and seen.dimensions["channel"] in SESSION_CHANNELS
    ]


def recontacts(tickets: Entities, customers: Entities) -> list[Observation]:
    """recontact_rate: of the tickets ever resolved that have a customer and a topic."""
    there = {
        subject: steps
        for subject, ticket in tickets.items()
        if (steps := history(ticket)) and any(step.creates for step in steps) and not is_gone(ticket)
    }
    found: list[Observation] = []
    for subject, steps in there.items():
        about = inquiry(subject, tickets)
        first = next((step for step in steps if step.resolves), None)
        if first is None or None in about or left(customers.get(str(about[0]), [])):
            continue
        again = any(
            inquiry(other, tickets) == about
            and first.time < after_creation(theirs)[0].time <= first.time + FURTHER
            for other, theirs in there.items()
            if other != subject
        )
        dimensions = {**first.dimensions, "agent": first.resolver}
        found.append(Observation("recontact_rate", first.time, dimensions, int(again)))
    return found


def inquiry(subject: str, tickets: Entities) -> tuple[str | None, str | None]:
    """Customer and topic of a ticket, as its last word on them says."""
    said: dict[str, str | None] = {}
    for step in history(tickets[subject]):
        if step.event.type in ("ticket.created", "ticket.updated"):
            said.update(
                {name: step.event.get(name) for name in ("customer_id", "topic") if name in step.event.data}
            )
    return said.get("customer_id"), said.get("topic")


def waiting(ordered: list[Event], instant: int) -> tuple[int, Dimensions] | None:
    """Since when the call is waiting right before an instant, and its queue and team; None if it isn't."""
    past, since = [event for event in ordered if event.time < instant], None
    for event in past:
        if event.type in ("call.answered", "call.abandoned", "call.ended"):
            since = None
        elif event.type == "call.offered" and since is None:
            since = event.time
    if since is None or instant > since + LOST:
        return None
    return since, Story(past).dimensions(past[-1])
