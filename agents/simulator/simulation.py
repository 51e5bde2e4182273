"""A support organisation in simulated time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b

from agents.simulator.agenda import Agenda, Story
from agents.simulator.customers import Population
from agents.simulator.dice import Dice
from agents.simulator.lives import begin
from agents.simulator.rhythm import SHARES, SLOT, VOLUMES, slot
from agents.simulator.staff import Staff
from agents.simulator.surveys import about_company
from agents.simulator.world import World
from agents.simulator.writer import NONE, Imperfections, Record, Writer
from streams import moments

USUAL_RATE = 0.07
"Events a second, over a week: the load that the staff is made for (42,000 events a week)."

EVENTS_PER_TICKET = 12.0
"On average, with those of its surveys and of nps; tickets of the last days have not had all of theirs."

_CUSTOMERS = 6000
"At the usual rate."
_NPS = 0.08
"Answer sheets about the company, for each ticket."


class Simulation:
    """Events in the order in which they happen (or arrive, where imperfections delay some).

    The same arguments give the same events, byte by byte, however `until` cuts them.

        simulation = Simulation(seed=7, start=monday, rate=0.1)
        for domain, subject, value in simulation.until(monday + timedelta(days=7)): ...

    `rate` is in events a second of simulated time, as the mean of a week. With `tickets` it is over
    when that many have lived through all; `ahead` is how far its clock is ahead of UTC.
    """

    def __init__(
        self,
        *,
        seed: int,
        start: datetime,
        rate: float = USUAL_RATE,
        tickets: int | None = None,
        ahead: timedelta = timedelta(),
        imperfections: Imperfections = NONE,
    ) -> None:
        agenda, dice = Agenda(moments.of(start)), Dice(seed)
        self._ahead = ahead // timedelta(microseconds=1)
        self._staff = Staff(agenda, dice, self._ahead)
        self._era = 0
        self._world = World(
            agenda,
            dice,
            Writer(_run(seed, start), agenda, Dice(f"{seed} imperfections"), imperfections),
            self._staff.teams,
            Population(dice, 0),
            tickets_left=tickets,
        )
        self._set_rate(rate)

    @property
    def now(self) -> datetime:
        """How far it has come."""
        return moments.to_datetime(self._world.agenda.now)

    def change_rate(self, rate: float, at: datetime) -> None:
        """From that time on; the organisation grows or shrinks with its customers."""
        self._world.agenda.start(self._change_rate(rate), moments.of(at) - self._world.agenda.now)

    def until(self, end: datetime | None = None) -> Iterator[Record]:
        """All events before that time, or to the end of the last story; later calls go on from there."""
        agenda, ready = self._world.agenda, self._world.writer.ready
        last = None if end is None else moments.of(end)
        while agenda.has_before(last):
            agenda.step()
            while ready:
                yield ready.popleft()

    def __iter__(self) -> Iterator[Record]:
        return self.until()

    def _change_rate(self, rate: float) -> Story:
        self._set_rate(rate)
        yield 0

    def _set_rate(self, rate: float) -> None:
        load = rate / USUAL_RATE
        self._era += 1
        self._tickets_per_second = rate / EVENTS_PER_TICKET
        self._world.population.size = max(int(_CUSTOMERS * load), 1)
        self._staff.resize(load)
        for channel in SHARES:
            self._world.agenda.start(self._arrivals(channel, self._era))

    def _arrivals(self, channel: str, era: int) -> Story:
        world, volumes = self._world, VOLUMES[channel]
        while self._era == era and world.tickets_left != 0:
            local = world.agenda.now + self._ahead
            left_of_slot = SLOT - local % SLOT
            rate = self._tickets_per_second * volumes[slot(local)]
            gap = world.dice.gap(rate) if rate else left_of_slot
            if gap >= left_of_slot:
                yield left_of_slot
                continue
            yield gap
            if self._era == era:
                self._arrive(channel)

    def _arrive(self, channel: str) -> None:
        world = self._world
        begin(world, world.population.someone(), channel)
        if world.dice.happens(_NPS):
            world.agenda.start(about_company(world, world.population.someone()))


def _run(seed: int, start: datetime) -> str:
    """Differs where events differ, so that those of two simulations can share a log."""
    return blake2b(f"{seed} {moments.of(start)}".encode(), digest_size=2).hexdigest()
