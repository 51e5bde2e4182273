"""Queues and those who work on them: who waits gets an agent when one is free."""

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import count

from agents.simulator.agenda import Agenda, Story

_KEPT_FREE = 0.2
"The share of a team's seats that what is written never takes: for those who call."


class Agent:
    """A member of staff. `speed` above 1 is faster than usual; `skill` from 0 to 1."""

    __slots__ = ("busy", "id", "latest", "on_shift", "pile", "seats", "skill", "speed", "team")

    def __init__(self, id_: str, team: str, speed: float, skill: float) -> None:
        self.id = id_
        self.team = team
        self.speed = speed
        self.skill = skill
        self.seats = 1
        "How many visits at a time: more than one where the load is beyond the head count."
        self.busy = 0
        self.latest = 0
        "When the latest visit was given to the agent."
        self.on_shift = False
        self.pile: list[tuple[int, int, Visit]] = []
        "Visits of those who know the agent and wait for that one."


class Visit:
    """A story's wish for an agent's time. `due` decides who is next; `agent` is set when it is granted.

    `live`: somebody is there and waits, in a chat or on the phone.
    """

    __slots__ = ("agent", "due", "live", "story", "wanted")

    def __init__(self, story: Story, due: int, wanted: Agent | None = None, live: bool = False) -> None:
        self.story = story
        self.due = due
        self.wanted = wanted
        self.live = live
        self.agent: Agent | None = None


class Team:
    """Agents and the queue before them."""

    def __init__(self, name: str, agents: Iterable[Agent], agenda: Agenda) -> None:
        self.name = name
        self.agents = tuple(agents)
        self._agenda = agenda
        self._queue: list[tuple[int, int, Visit]] = []
        self._numbers = count()

    @property
    def staffed(self) -> bool:
        return any(agent.on_shift and agent.seats for agent in self.agents)

    def ask(self, visit: Visit) -> None:
        """Wakes the visit's story when an agent has time for it; whoever asks yields None next."""
        wanted = visit.wanted if visit.wanted and visit.wanted.on_shift else None
        agent = self._idle(wanted) if self._has_room(visit) else None
        if agent is not None:
            self._serve(agent, visit)
            return
        queue = self._queue if wanted is None else wanted.pile
        heappush(queue, (visit.due, next(self._numbers), visit))

    def release(self, agent: Agent) -> None:
        agent.busy -= 1
        self.work(agent)

    def arrive(self, agent: Agent) -> None:
        agent.on_shift = True
        self.work(agent)

    def leave(self, agent: Agent) -> None:
        """The shift is over: what is begun is finished, what waits goes to the others."""
        agent.on_shift = False
        waiting, agent.pile = agent.pile, []
        for _, _, visit in sorted(waiting):
            self.ask(visit)
        for other in self.agents:
            self.work(other)

    def work(self, agent: Agent) -> None:
        """Take from the own pile and the queue what is due first, as long as there is room."""
        while agent.on_shift and agent.busy < agent.seats:
            queue = min((queue for queue in (agent.pile, self._queue) if queue), default=None)
            if queue is None or not self._has_room(queue[0][2]):
                return
            self._serve(agent, heappop(queue)[2])

    def _has_room(self, visit: Visit) -> bool:
        if visit.live:
            return True
        seats = sum(agent.seats for agent in self.agents if agent.on_shift)
        free = sum(agent.seats - agent.busy for agent in self.agents if agent.on_shift)
        return free > round(_KEPT_FREE * seats)

    def _idle(self, wanted: Agent | None) -> Agent | None:
        """The wanted one if it has room, else whoever has least to do, and that for longest."""
        if wanted is not None:
            return wanted if wanted.busy < wanted.seats else None
        found: Agent | None = None
        for agent in self.agents:
            if agent.on_shift and agent.busy < agent.seats and (found is None or _freer(agent, found)):
                found = agent
        return found

    def _serve(self, agent: Agent, visit: Visit) -> None:
        agent.busy += 1
        agent.latest = self._agenda.now
        visit.agent = agent
        self._agenda.wake(visit.story)


def _freer(one: Agent, other: Agent) -> bool:
    ones, others = one.busy * other.seats, other.busy * one.seats
    return ones < others or (ones == others and one.latest < other.latest)
