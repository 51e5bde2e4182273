"""Surveys: who is asked, who answers, and what."""

from typing import Any

from agents.simulator import words
from agents.simulator.agenda import Story
from agents.simulator.customers import Customer
from agents.simulator.desk import Agent
from agents.simulator.tickets import Ticket
from agents.simulator.world import World

_ASKED_ABOUT = {
    "phone": ("csat", "csa"),
    "chat": ("csat", "csa"),
    "social": ("csat",),
    "email": ("csat", "ces"),
    "web": ("csat", "ces"),
}
_ASKED_AFTER = {"phone": 300, "chat": 30, "social": 1800, "email": 3600, "web": 3600}
_ANSWERED_AFTER = {"phone": 120, "chat": 45, "social": 2400, "email": 9000, "web": 7200}
_ANSWER = {"phone": 0.18, "chat": 0.34, "social": 0.14, "email": 0.24, "web": 0.26}
"The share that answers: more of those who are very happy or very unhappy."

_SOLVED, _UNSOLVED = 0.86, 0.5
"What a caller makes of a quick answer that helps, and of one that doesn't."
_ASKED_NOW_AND_THEN = ("nps", "product")
_NPS_ANSWERED = 0.22
_SCALES = {"product": {"scale_min": 1, "scale_max": 10}}
"Of surveys of the company's own."
_COMMENTED = 0.4
_CHANGED = 0.04
_WITHDRAWN = 0.015


class Sheet:
    """The answer sheet of one person."""

    __slots__ = ("_events", "_world", "about", "id")

    def __init__(self, world: World, id_: str, about: dict[str, str]) -> None:
        self.id = id_
        self.about = about
        self._events = 0
        self._world = world

    def tell(self, type_: str, survey: str, **data: Any) -> None:
        self._events += 1
        self._world.writer.write(f"survey.{type_}", self.id, self._events, {"survey": survey, **data})


def about_ticket(world: World, ticket: Ticket) -> Story:
    """Asks about a ticket that was resolved, unless it has been reopened by then."""
    dice, channel, felt, reopened = world.dice, ticket.channel, ticket.experience, ticket.reopened
    yield dice.span(_ASKED_AFTER[channel], 0.3)
    if not ticket.resolved or ticket.reopened != reopened:
        return
    about = {"ticket_id": ticket.case.ticket, "customer_id": ticket.customer.id, "touchpoint": "support"}
    sheet = Sheet(world, f"{ticket.case.ticket}.survey{reopened}", about)
    for survey in _ASKED_ABOUT[channel]:
        sheet.tell("sent", survey, **about)
    if not dice.happens(_ANSWER[channel] * (0.85 + 1.2 * abs(felt - 0.7))):
        return
    yield dice.span(_ANSWERED_AFTER[channel], 1.0)
    felt += dice.gauss(0.0, 0.12)
    for survey in _ASKED_ABOUT[channel]:
        _respond(world, sheet, survey, felt)
    yield from _second_thoughts(world, sheet, "csat", felt)


def about_call(world: World, call: str, customer: Customer, agent: Agent, solved: bool) -> Story:
    """Asks about a call that has no ticket, so the sheet itself says who was there."""
    dice = world.dice
    yield dice.span(_ASKED_AFTER["phone"], 0.3)
    about = {
        "customer_id": customer.id,
        "channel": "phone",
        "team": agent.team,
        "tier": customer.tier,
        "agent_id": agent.id,
        "touchpoint": "support",
    }
    sheet = Sheet(world, f"{call}.survey", about)
    for survey in _ASKED_ABOUT["phone"]:
        sheet.tell("sent", survey, **about)
    if not dice.happens(_ANSWER["phone"]):
        return
    yield dice.span(_ANSWERED_AFTER["phone"], 1.0)
    felt = (_SOLVED if solved else _UNSOLVED) + 0.4 * (agent.skill - 0.7) + dice.gauss(0.0, 0.12)
    for survey in _ASKED_ABOUT["phone"]:
        _respond(world, sheet, survey, felt)


def about_company(world: World, customer: Customer) -> Story:
    """Would the customer recommend it, and what of its product?"""
    dice = world.dice
    world.sheets += 1
    about = {"customer_id": customer.id, "tier": customer.tier, "touchpoint": "company"}
    sheet = Sheet(world, f"{world.writer.run}-nps-{world.sheets:05}", about)
    for survey in _ASKED_NOW_AND_THEN:
        sheet.tell("sent", survey, **about)
    if not dice.happens(_NPS_ANSWERED):
        return
    yield dice.span(14400, 1.0)
    felt = customer.mood + dice.gauss(0.0, 0.1)
    for survey in _ASKED_NOW_AND_THEN:
        _respond(world, sheet, survey, felt)
    yield from _second_thoughts(world, sheet, "nps", felt)


def _respond(world: World, sheet: Sheet, survey: str, felt: float) -> None:
    felt = min(max(felt, 0.0), 1.0)
    data: dict[str, Any] = {"score": _score(survey, felt), **_SCALES.get(survey, {}), **sheet.about}
    if survey in ("csat", "nps") and world.dice.happens(_COMMENTED):
        data["comment"] = words.comment(world.dice, felt)
    sheet.tell("responded", survey, **data)


def _second_thoughts(world: World, sheet: Sheet, survey: str, felt: float) -> Story:
    if world.dice.happens(_CHANGED):
        yield world.dice.span(1800)
        _respond(world, sheet, survey, felt + world.dice.gauss(0.0, 0.25))
    elif world.dice.happens(_WITHDRAWN):
        yield world.dice.span(7200)
        sheet.tell("withdrawn", survey)


def _score(survey: str, felt: float) -> int:
    """On the survey's usual scale."""
    if survey == "nps":
        return round(10 * felt + 0.6) if felt < 0.94 else 10
    if survey == "ces":
        return round(7 - 6 * felt)
    if survey == "product":
        return round(1 + 9 * felt)
    return round(1 + 4 * felt)
