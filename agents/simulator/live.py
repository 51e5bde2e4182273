"""A simulation that catches up with the wall clock and goes on with it."""

from datetime import datetime, timedelta

from agents.simulator.rhythm import BUSY
from agents.simulator.simulation import Simulation
from agents.simulator.writer import NONE, Imperfections

WARM_UP = timedelta(minutes=40)
"After it about as much happens as the rate says: at first only new tickets come."

WARM_UP_EVENTS = 25_000
"At most: it has to be made and sent before anything is live."

_OPENED_AT = 10
_WEEKEND = (5, 6)


def simulate_live(
    *,
    seed: int,
    now: datetime,
    rate: float,
    days: float = 7,
    events: int = 40_000,
    imperfections: Imperfections = NONE,
) -> Simulation:
    """A simulation with so many days and about so many events behind it at `now`.

    Take the history by `until(now)`, then what has happened since by `until` the wall clock, again and
    again. The live `rate` is that of office hours, which the organisation has then, whatever the hour;
    it begins some minutes before `now`, so that tickets are under way.

        simulation = simulate_live(seed=7, now=now, rate=5)
        history = list(simulation.until(now))
        while True:
            for domain, subject, value in simulation.until(clock()): ...
    """
    warm_up = min(WARM_UP, timedelta(seconds=WARM_UP_EVENTS / rate))
    past = max(timedelta(days=days), warm_up)
    simulation = Simulation(
        seed=seed,
        start=now - past,
        rate=rate / BUSY if past == warm_up else events / past.total_seconds(),
        ahead=in_office(now),
        imperfections=imperfections,
    )
    if past > warm_up:
        simulation.change_rate(rate / BUSY, now - warm_up)
    return simulation


def in_office(now: datetime) -> timedelta:
    """How far a clock is ahead that shows the morning of a working day now."""
    morning = now.replace(hour=_OPENED_AT, minute=0, second=0, microsecond=0)
    if morning.weekday() in _WEEKEND:
        morning += timedelta(days=7 - morning.weekday())
    return morning - now
