"""A support organisation in simulated time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b

from agents.simulator.agenda import Agenda, Story
from agents.simulator.arrivals import Arrivals
from agents.simulator.customers import Population
from agents.simulator.dice import Dice
from agents.simulator.incident import Incident
from agents.simulator.rhythm import ahead_for
from agents.simulator.staff import Staff
from agents.simulator.world import World
from agents.simulator.writer import NONE, Imperfections, Record, Writer
from streams import moments
from streams.moments import MINUTE, SECOND

USUAL_RATE = 0.07
"Events a second, as the mean of a week: what the staff is made for (42,000 events a week)."

_CUSTOMERS = 6000
"At the usual rate."

WARM_UP = 40 * MINUTE
WARM_UP_EVENTS = 25_000
"At most: they have to be made and sent before anything is live."


class Simulation:
    """Events in the order in which they happen (or arrive, where imperfections delay some).

    The same arguments give the same events, byte by byte, however `until` cuts them.

        simulation = Simulation(seed=7, start=monday, rate=0.1)
        for domain, subject, value in simulation.until(monday + timedelta(days=7)): ...

    To go on with the wall clock from a week's history:

        simulation = Simulation(seed=7, start=now - timedelta(days=7), rate=0.07, morning=now)
        simulation.go_live(rate=5, at=now)
        history = list(simulation.until(now))
        while True:
            for domain, subject, value in simulation.until(clock()): ...

    `rate` is in events a second of simulated time, as the mean of a week. With `tickets` it is over
    when that many have lived through all. At `morning` the organisation's clock shows ten on a working
    day; without, it shows UTC. An `incident` (when it begins, how long it lasts) brings many more tickets,
    all on one topic, that can't be solved before it is over.
    """

    def __init__(
        self,
        *,
        seed: int,
        start: datetime,
        rate: float = USUAL_RATE,
        tickets: int | None = None,
        morning: datetime | None = None,
        imperfections: Imperfections = NONE,
        incident: tuple[datetime, timedelta] | None = None,
    ) -> None:
        agenda, dice = Agenda(moments.of(start)), Dice(seed)
        ahead = 0 if morning is None else ahead_for(moments.of(morning))
        # Throws of their own: imperfect or not, it is the same story.
        writer = Writer(_run(seed, start, incident), agenda, Dice(f"{seed} imperfections"), imperfections)
        self._staff = Staff(agenda, dice, ahead)
        self._world = World(
            agenda,
            dice,
            writer,
            self._staff.teams,
            Population(dice, 0),
            _incident(incident),
            tickets_left=tickets,
        )
        self._arrivals = Arrivals(self._world, ahead)
        self._run_at(rate)

    @property
    def now(self) -> datetime:
        """How far it has come."""
        return moments.to_datetime(self._world.agenda.now)

    def go_live(self, rate: float, at: datetime) -> None:
        """From that time on the rate comes out as it is at that time of the week, within minutes.

        It begins some minutes before, so that then tickets of every age are under way.
        """
        agenda = self._world.agenda
        warm_up = min(WARM_UP, int(WARM_UP_EVENTS / rate * SECOND))
        delay = max(moments.of(at) - agenda.now - warm_up, 0)
        agenda.start(self._go_live(rate / self._arrivals.volume(moments.of(at))), delay)

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

    def _go_live(self, rate: float) -> Story:
        self._run_at(rate, steered=True)
        yield 0

    def _run_at(self, rate: float, steered: bool = False) -> None:
        """The organisation is as large as its customers make it."""
        load = rate / USUAL_RATE
        self._world.population.size = max(int(_CUSTOMERS * load), 1)
        self._staff.resize(load)
        self._arrivals.come(rate, steered)


def _incident(told: tuple[datetime, timedelta] | None) -> Incident | None:
    if told is None:
        return None
    start, length = told
    return Incident(moments.of(start), moments.of(start + length))


def _run(seed: int, start: datetime, incident: tuple[datetime, timedelta] | None) -> str:
    """Differs where events differ, so that those of two simulations can share a log."""
    told = f"{seed} {moments.of(start)}" + (f" {incident}" if incident else "")
    return blake2b(told.encode(), digest_size=3).hexdigest()
