"""An answer sheet: for each survey on it the standing answer, completed from its latest sending."""

from typing import NamedTuple

from msgspec import Struct

from agents.surveys.answers import Answer
from agents.surveys.events import Responded, Sent, Withdrawn, scale
from agents.surveys.scores import millionths
from streams.events import Event
from streams.optional import given
from streams.state.record import State


class Sending(NamedTuple):
    """What a `survey.sent` brings for answers after it."""

    ticket: str | None
    channel: str | None
    team: str | None
    tier: str | None
    agent: str | None
    touchpoint: str | None


class Standing(NamedTuple):
    """The answer that stands, and the ticket that it is about."""

    answer: Answer
    ticket: str | None


class Asked(Struct, frozen=True, array_like=True, gc=False):
    """The first sending of a survey."""

    time: int
    dimensions: tuple[str | None, ...]


class Request(NamedTuple):
    """A survey that was sent, at the time of its first sending and with what that brought."""

    time: int
    dimensions: tuple[str | None, ...]
    answered: bool


class Sheet(State):
    sendings: dict[str, Sending] = {}
    "The latest of each survey."
    answers: dict[str, Standing] = {}
    asked: dict[str, Asked] = {}
    answered: tuple[str, ...] = ()
    "The surveys that were ever answered, whatever became of the answers."


def sent(sheet: Sheet, event: Event) -> None:
    survey, sending = event.data.survey, _sending(event.data)
    sheet.sendings = {**sheet.sendings, survey: sending}
    if survey not in sheet.asked:
        sheet.asked = {**sheet.asked, survey: Asked(event.time, (survey, *sending[1:]))}


def responded(sheet: Sheet, event: Event) -> None:
    data: Responded = event.data
    if data.survey not in sheet.answered:
        sheet.answered = (*sheet.answered, data.survey)
    own, sending = _sending(data), sheet.sendings.get(data.survey)
    fields = own
    if sending is not None:
        fields = Sending(*(mine or its for mine, its in zip(own, sending, strict=True)))
    low, high = scale(data)
    answer = Answer(
        survey=data.survey,
        time=event.time,
        sequence=event.sequence,
        score=millionths(data.score),
        scale_min=millionths(low),
        scale_max=millionths(high),
        channel=fields.channel,
        team=fields.team,
        tier=fields.tier,
        agent=fields.agent,
        touchpoint=fields.touchpoint,
    )
    sheet.answers = {**sheet.answers, data.survey: Standing(answer, fields.ticket)}


def withdrawn(sheet: Sheet, event: Event) -> None:
    data: Withdrawn = event.data
    survey = given(data.survey)
    sheet.answers = {name: it for name, it in sheet.answers.items() if survey not in (None, name)}


def _sending(data: Sent) -> Sending:
    named = (data.ticket_id, data.channel, data.team, data.tier, data.agent_id, data.touchpoint)
    return Sending(*map(given, named))
