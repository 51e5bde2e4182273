"""Those who turn to support, some of them again and again."""

from typing import NamedTuple

from agents.simulator.dice import Dice
from agents.simulator.organisation import LANGUAGES, TIERS

USUAL_MOOD = 0.76
_WEIGHT_OF_LATEST = 0.35


class Case(NamedTuple):
    """What a customer is waiting for."""

    ticket: str
    topic: str


class Customer:
    __slots__ = ("case", "id", "language", "mood", "tier")

    def __init__(self, id_: str, tier: str, language: str, mood: float) -> None:
        self.id = id_
        self.tier = tier
        self.language = language
        self.mood = mood
        "What the customer thinks of the company: 0 to 1, moved by each experience."
        self.case: Case | None = None
        "The oldest unresolved one."

    def waits_for(self, case: Case) -> None:
        if self.case is None:
            self.case = case

    def live_through(self, case: Case, experience: float) -> None:
        self.mood += _WEIGHT_OF_LATEST * (experience - self.mood)
        if self.case == case:
            self.case = None


class Population:
    """Customers come into being when they are first met; few of them come often."""

    def __init__(self, dice: Dice, size: int) -> None:
        self.size = size
        self._dice = dice
        self._customers: dict[int, Customer] = {}

    def someone(self) -> Customer:
        # Squaring makes low numbers come often: a hundredth of the customers bring a tenth of the tickets.
        number = int(self.size * self._dice.random() ** 2)
        customer = self._customers.get(number)
        if customer is None:
            customer = self._customers[number] = self._new(number)
        return customer

    def _new(self, number: int) -> Customer:
        mood = min(max(self._dice.gauss(USUAL_MOOD, 0.14), 0.1), 1.0)
        tier, language = TIERS.pick(self._dice), LANGUAGES.pick(self._dice)
        return Customer(f"customer-{number:05}", tier, language, mood)
