"""Survey answers: which of them count, with which dimensions, and the observations they are."""

from fractions import Fraction
from math import floor

from .events import Entities, Event
from .observations import Observation
from .tickets import history, is_gone

NAMED = ("csat", "csa", "ces", "nps")
USUAL: dict[str, tuple[int, int]] = {"csat": (1, 5), "csa": (1, 5), "ces": (1, 7)}
ENRICHED = ("channel", "team", "tier", "touchpoint", "agent_id")


def number(value: int | float) -> Fraction:
    """The number as it was written in JSON, exactly."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def observations(sheet: list[Event], tickets: Entities) -> list[Observation]:
    """Everything that one answer sheet contributes."""
    found = requests(sheet)
    for survey in surveys_of(sheet):
        answer = standing_answer(sheet, survey)
        if answer is None:
            continue
        sent = latest_sent(sheet, answer)
        ticket_id = own_or_sent("ticket_id", answer, sent)
        ticket = tickets.get(ticket_id, []) if ticket_id is not None else []
        if is_gone(ticket):
            continue
        dimensions = dimensions_of(answer, sent, ticket)
        for metric, value in values(survey, answer).items():
            found.append(Observation(metric, answer.time, {**dimensions, "survey": survey}, value))
    return found


def surveys_of(sheet: list[Event]) -> list[str]:
    """Every survey that the sheet speaks of."""
    return sorted({event.get("survey") for event in sheet} - {None})


def requests(sheet: list[Event]) -> list[Observation]:
    """The sheet's first sending of each survey: was that survey ever answered, before or after?"""
    found: list[Observation] = []
    for survey in surveys_of(sheet):
        of_it = [event for event in sheet if event.get("survey") == survey]
        sendings = [event for event in of_it if event.type == "survey.sent"]
        if sendings:
            first = sendings[0]
            dimensions = {name: first.get(name) for name in ENRICHED}
            dimensions |= {"agent": dimensions.pop("agent_id"), "survey": survey}
            answered = any(event.type == "survey.responded" for event in of_it)
            found.append(Observation("survey_response_rate", first.time, dimensions, int(answered)))
    return found


def values(survey: str, answer: Event) -> dict[str, int | str | tuple[Fraction, Fraction]]:
    """What an answer gives to each metric of its survey."""
    if survey == "csat":
        return {"csat": satisfied(answer), "csat_score": mapped(answer, 1, 5)}
    if survey == "csa":
        return {"csa": satisfied(answer)}
    if survey == "nps":
        return {"nps": recommendation(answer)}
    score = number(answer.get("score"))
    if survey == "ces":
        low, high = scale(answer)
        effort = 1 + 6 * (score - low) / (high - low)
        return {"ces": mapped(answer, 1, 7), "ces_low_effort": int(effort <= 3)}
    return {"survey_score": (score, four_digits(score))}


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
    """The scale of an answer, the usual one of its survey where it says nothing else."""
    usual = USUAL[answer.get("survey")]
    low, high = answer.get("scale_min"), answer.get("scale_max")
    return number(usual[0] if low is None else low), number(usual[1] if high is None else high)


def mapped(answer: Event, least: int, most: int) -> tuple[Fraction, Fraction]:
    """The score on the scale from `least` to `most`, to millionths half up, and what it is counted as."""
    low, high = scale(answer)
    place = (number(answer.get("score")) - low) / (high - low)
    score = half_up(least + place * (most - least), Fraction(1, 1_000_000))
    return score, score if place.denominator <= 100 else four_digits(score)


def half_up(value: Fraction, step: Fraction) -> Fraction:
    return floor(value / step + Fraction(1, 2)) * step


def four_digits(score: Fraction) -> Fraction:
    step = Fraction(1, 1_000_000)
    while abs(score) >= 10_000 * step:
        step *= 10
    return half_up(score, step)


def satisfied(answer: Event) -> int:
    low, high = scale(answer)
    return int(4 * (number(answer.get("score")) - low) >= 3 * (high - low))


def recommendation(answer: Event) -> str:
    score = answer.get("score")
    if score >= 9:
        return "promoters"
    return "passives" if score >= 7 else "detractors"
