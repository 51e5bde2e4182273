"""The door of surveys: what the road has to know of them."""

from collections.abc import Mapping

from agents.surveys import fold
from agents.surveys.answers import Answer
from agents.surveys.events import Responded, Sent, Withdrawn, check, check_sending
from agents.surveys.fold import Request, Sheet
from streams.catalogue import Domain, Forward, Subject
from streams.events import EventType


def own_answers(sheet: Sheet) -> tuple[Answer, ...]:
    """Answers about a ticket count there, with what the ticket knows."""
    return tuple(standing.answer for standing in sheet.answers.values() if standing.ticket is None)


def requests(sheet: Sheet) -> tuple[Request, ...]:
    """What was sent belongs to the sheet, whatever it is about."""
    return tuple(
        Request(asked.time, asked.dimensions, survey in sheet.answered)
        for survey, asked in sheet.asked.items()
    )


def forwards(sheet: Sheet) -> Mapping[str, Forward]:
    return {
        survey: Forward("tickets", ticket, answer.time, answer.sequence, answer)
        for survey, (answer, ticket) in sheet.answers.items()
        if ticket is not None
    }


def settled(sheet: Sheet) -> bool:
    return True


SURVEYS = Domain(
    name="surveys",
    kinds=("survey.",),
    types=(
        EventType("survey.sent", Sent, fold.sent, check_sending),
        EventType("survey.responded", Responded, fold.responded, check),
        EventType("survey.withdrawn", Withdrawn, fold.withdrawn),
    ),
    state=Sheet,
    subjects=(
        Subject("answer", own_answers, reads=("answers",)),
        Subject("request", requests, reads=("asked", "answered")),
    ),
    settled=settled,
    forwards=forwards,
    forwards_to=("tickets",),
    forwards_read=("answers",),
)
