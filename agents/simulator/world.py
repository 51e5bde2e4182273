"""What all stories share."""

from dataclasses import dataclass

from agents.simulator.agenda import Agenda
from agents.simulator.customers import Population
from agents.simulator.desk import Team
from agents.simulator.dice import Dice
from agents.simulator.incident import Incident
from agents.simulator.writer import Writer


@dataclass(slots=True)
class World:
    agenda: Agenda
    dice: Dice
    writer: Writer
    teams: dict[str, Team]
    population: Population
    incident: Incident | None = None
    tickets: int = 0
    "So many have been opened."
    tickets_left: int | None = None
    "So many may still be opened; None: any number."
    calls: int = 0
    sheets: int = 0
    "So many answer sheets have been sent that are not about a ticket."
