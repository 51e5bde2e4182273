"""Survey answers: which of them count, with which dimensions, and the observations they are."""

from fractions import Fraction

from .events import Entities, Event
from .observations import Observation
from .tickets import history, is_gone

ENRICHED = ("channel", "team", "tier", "touchpoint", "agent_id")


def number(value: int | float) -> Fraction:
    """The number as it was written in JSON, exactly."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def observations(sheet: list[Event], tickets: Entities) -> list[Observation]:
    """Everything that one answer sheet contributes."""
    found: list[Observation] = []
    for survey in ("csat", "nps"):
        answer = standing_answer(sheet, survey)
        if answer is None:
            continue
        sent = latest_sent(sheet, answer)
        ticket_id = own_or_sent("ticket_id", answer, sent)
        ticket = tickets.get(ticket_id, []) if ticket_id is not None else []
        if is_gone(ticket):
            continue
        dimensions = dimensions_of(answer, sent, ticket)
        value = satisfied(answer) if survey == "csat" else recommendation(answer)
        found.append(Observation(survey, answer.time, dimensions, value))
    return found


def standing_answer(sheet: list[Event], survey: str) -> Event | None:
    """The last answer to a survey, unless a withdrawal has followed it."""
    standing: Event | None = None
    for event in sheet:
        if event.type == "survey.responded" and event.get("survey") == survey:
            standing = event
        if event.type == "survey.withdrawn" and event.get("survey") in (None, survey):
            standing = None
    return standing


def latest_sent(sheet: list[Event], answer: Event) -> Event | None:
    """The latest sending of the answer's survey before the answer."""
    before = [
        event
        for event in sheet[: sheet.index(answer)]
        if event.type == "survey.sent" and event.get("survey") == answer.get("survey")
    ]
    return before[-1] if before else None


def own_or_sent(name: str, answer: Event, sent: Event | None) -> str | None:
    own: str | None = answer.get(name)
    if own is not None:
        return own
    said: str | None = sent.get(name) if sent is not None else None
    return said


def dimensions_of(answer: Event, sent: Event | None, ticket: list[Event]) -> dict[str, str | None]:
    """Each field from the answer, else from its sending, else from the ticket at the answer's time."""
    then = ticket_then(ticket, answer)
    fields: dict[str, str | None] = {}
    for name in ENRICHED:
        value = own_or_sent(name, answer, sent)
        fields[name] = value if value is not None else then.get(name)
    fields["agent"] = fields.pop("agent_id")
    return fields


def ticket_then(ticket: list[Event], answer: Event) -> dict[str, str | None]:
    """The ticket's dimensions when the answer came; its `agent_id` is the agent the answer is about.

    An answer ranks after all of the ticket's events of the same time and sequence.
    Before the creation the ticket says nothing.
    """
    steps = history([event for event in ticket if event.moment <= answer.moment])
    if not any(step.creates for step in steps):
        return {}
    resolvers = [step.resolver for step in steps if step.resolves]
    agent = resolvers[-1] if resolvers else None
    return {**steps[-1].dimensions, "agent_id": agent if agent is not None else steps[-1].assignee}


def scale(answer: Event) -> tuple[Fraction, Fraction]:
    """The scale of a csat answer, 1-5 where it says nothing else."""
    low, high = answer.get("scale_min"), answer.get("scale_max")
    return number(1 if low is None else low), number(5 if high is None else high)


def satisfied(answer: Event) -> int:
    low, high = scale(answer)
    return int(4 * (number(answer.get("score")) - low) >= 3 * (high - low))


def recommendation(answer: Event) -> str:
    score = answer.get("score")
    if score >= 9:
        return "promoters"
    return "passives" if score >= 7 else "detractors"
