"""Who comes when: tickets by the rhythm of the week, for a rate of events."""

from agents.simulator import calls
from agents.simulator.agenda import Story
from agents.simulator.lives import begin
from agents.simulator.organisation import DEMAND, TOPICS
from agents.simulator.rhythm import SHARES, SLOT, VOLUMES, slot, volume
from agents.simulator.surveys import about_company
from agents.simulator.world import World
from streams.moments import HOUR, MINUTE, SECOND

EVENTS_PER_TICKET = 13.5
"On average, with those of its surveys and calls, and of nps; the last days' tickets lack some of theirs."

_NPS = 0.15
"Answer sheets about the company, for each ticket."
_QUESTIONS = 0.35
"Calls that need no ticket, for each that brings one."

_STEERED_FOR = 2 * HOUR
"Later it would fight the rhythm of the day."
_STEERED_AFTER = 1000
"Events; but after a second at the earliest, and a minute at the latest."
_STEERED_BY = 0.25
_AT_FIRST = 1.8
_LEAST, _MOST = 0.5, 8.0


class Arrivals:
    """`ahead`: of UTC, in microseconds, is the clock of those who come."""

    def __init__(self, world: World, ahead: int) -> None:
        self._world = world
        self._ahead = ahead
        self._rate = 0.0
        self._push = 1.0
        self._era = 0

    def come(self, rate: float, steered: bool = False) -> None:
        """From now on such that the rate of events comes out, as the mean of a week.

        That takes days, as the lives of tickets do; steered, more come at first, and it takes minutes,
        or the sooner the higher the rate.
        """
        self._era += 1
        self._rate = rate
        self._push = _AT_FIRST if steered else 1.0
        for channel in SHARES:
            self._world.agenda.start(self._arrivals(channel, self._era))
        if steered:
            self._world.agenda.start(self._steering(self._era))

    def volume(self, time: int) -> float:
        """Then, as a multiple of the mean of a week."""
        return volume(time + self._ahead)

    def _arrivals(self, channel: str, era: int) -> Story:
        world, volumes = self._world, VOLUMES[channel]
        while self._era == era and world.tickets_left != 0:
            left_of_slot = SLOT - self._local % SLOT
            usual = self._rate * self._push * volumes[slot(self._local)] / EVENTS_PER_TICKET
            rate = usual * (1.0 + self._surge())
            gap = world.dice.gap(rate) if rate else left_of_slot
            if gap >= left_of_slot:
                yield left_of_slot
                continue
            yield gap
            if self._era == era:
                self._arrive(channel)

    def _arrive(self, channel: str) -> None:
        world = self._world
        begin(world, world.population.someone(), channel, self._topic())
        if channel == "phone" and world.dice.happens(_QUESTIONS):
            self._ask()
        if world.dice.happens(_NPS):
            world.agenda.start(about_company(world, world.population.someone()))

    def _ask(self) -> None:
        team = TOPICS[DEMAND.pick(self._world.dice)].team
        if self._world.teams[team].staffed:
            calls.ask(self._world, self._world.population.someone(), team)

    def _topic(self) -> str | None:
        """That of the incident, while there is one, for those who come because of it."""
        incident, surge = self._world.incident, self._surge()
        return incident.topic if incident and self._world.dice.happens(surge / (1.0 + surge)) else None

    def _surge(self) -> float:
        incident = self._world.incident
        return 0.0 if incident is None else incident.surge(self._world.agenda.now)

    def _steering(self, era: int) -> Story:
        end = self._world.agenda.now + _STEERED_FOR
        pause = min(max(int(_STEERED_AFTER / self._rate * SECOND), SECOND), MINUTE)
        while self._era == era and self._world.agenda.now < end:
            before = self._world.writer.written
            yield pause
            told = (self._world.writer.written - before) * SECOND / pause
            due = self._rate * self.volume(self._world.agenda.now) * (1.0 + self._surge())
            push = self._push * (due / max(told, due / 10)) ** _STEERED_BY
            self._push = min(max(push, _LEAST), _MOST)
        if self._era == era:
            self._push = 1.0

    @property
    def _local(self) -> int:
        return self._world.agenda.now + self._ahead
