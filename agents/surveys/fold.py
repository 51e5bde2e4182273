"""An answer sheet: for each survey on it the standing answer, completed from its latest sending."""

from typing import NamedTuple

from agents.surveys.answers import MICRO, Answer
from agents.surveys.events import Responded, Sent, Withdrawn, scale
from streams.events import Event, given
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


class Sheet(State):
    sendings: dict[str, Sending] = {}
    answers: dict[str, Standing] = {}


def sent(sheet: Sheet, event: Event) -> None:
    sheet.sendings = {**sheet.sendings, event.data.survey: _sending(event.data)}


def responded(sheet: Sheet, event: Event) -> None:
    data: Responded = event.data
    own, sending = _sending(data), sheet.sendings.get(data.survey)
    fields = own
    if sending is not None:
        fields = Sending(*(mine or its for mine, its in zip(own, sending, strict=True)))
    low, high = scale(data)
    answer = Answer(
        survey=data.survey,
        time=event.time,
        sequence=event.sequence,
        score=round(data.score * MICRO),
        scale_min=round(low * MICRO),
        scale_max=round(high * MICRO),
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
