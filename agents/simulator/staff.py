"""Who is at work: agents with talents of their own, and their shifts."""

from agents.simulator.agenda import Agenda, Story
from agents.simulator.desk import Agent, Team
from agents.simulator.dice import Dice
from agents.simulator.organisation import STAFF, TEAMS, Shift
from streams.moments import DAY, HOUR

_THURSDAY = 3
"The first of January 1970."
_ABSENT = 0.04


class Staff:
    """All agents in their teams. `ahead`: of UTC, in microseconds, is the organisation's clock."""

    def __init__(self, agenda: Agenda, dice: Dice, ahead: int) -> None:
        self._agenda = agenda
        self._dice = dice
        self._ahead = ahead
        self._groups: list[tuple[Agent, ...]] = []
        shifts = [(self._hire(team, names), shift) for team, shift, names in STAFF]
        agents = [agent for group in self._groups for agent in group]
        self.teams = {
            name: Team(name, (agent for agent in agents if agent.team == name), agenda) for name in TEAMS
        }
        for group, shift in shifts:
            for agent in group:
                agenda.keep(self._days(agent, shift))

    def resize(self, load: float) -> None:
        """Seats for a multiple of the usual load: each agent counts as several, or as none."""
        for group in self._groups:
            for number, agent in enumerate(group):
                seats = int((number + 1) * load + 0.5) - int(number * load + 0.5)
                agent.seats = seats if number else max(seats, 1)
                self.teams[agent.team].work(agent)

    def _hire(self, team: str, names: str) -> tuple[Agent, ...]:
        group = tuple(_agent(name, team) for name in names.split())
        self._groups.append(group)
        return group

    def _days(self, agent: Agent, shift: Shift) -> Story:
        team, begin = self.teams[agent.team], int(shift.begin * HOUR)
        end = begin + int(shift.hours * HOUR)
        while True:
            day, time = divmod(self._agenda.now + self._ahead, DAY)
            works = (day + _THURSDAY) % 7 in shift.days and not self._dice.happens(_ABSENT)
            if works and time < end:
                yield max(begin - time, 0) + self._dice.span(180)
                team.arrive(agent)
                yield max(end - self._time_of_day(), 0)
                team.leave(agent)
            yield DAY - self._time_of_day()

    def _time_of_day(self) -> int:
        return (self._agenda.now + self._ahead) % DAY


def _agent(name: str, team: str) -> Agent:
    """Whatever the simulation's seed, the same people work there."""
    dice = Dice(name)
    speed = min(max(dice.about(1.0, 0.22), 0.6), 1.6)
    return Agent(name, team, speed, min(max(dice.gauss(0.72, 0.13), 0.4), 0.98))
