"""The support organisation: what it is asked, who works there, and when."""

from typing import NamedTuple

from agents.simulator.dice import Weighted


class Topic(NamedTuple):
    """What an inquiry may be about."""

    team: str
    minutes: float
    "Of work, for an agent of usual speed."
    hardness: float
    "0: a standard answer; 1: most are not solved in one go."


TOPICS = {
    "login": Topic("technical", 6, 0.10),
    "bug": Topic("technical", 16, 0.75),
    "setup": Topic("technical", 11, 0.40),
    "integration": Topic("technical", 19, 0.70),
    "invoice": Topic("billing", 7, 0.20),
    "refund": Topic("billing", 9, 0.35),
    "payment": Topic("billing", 8, 0.30),
    "delivery": Topic("logistics", 8, 0.45),
    "return": Topic("logistics", 8, 0.30),
    "damaged": Topic("logistics", 11, 0.50),
    "how-to": Topic("care", 7, 0.15),
    "plan-change": Topic("care", 8, 0.20),
    "cancellation": Topic("care", 9, 0.35),
    "complaint": Topic("care", 13, 0.60),
}

DEMAND = Weighted(
    {
        "login": 10,
        "bug": 9,
        "setup": 8,
        "integration": 4,
        "invoice": 9,
        "refund": 8,
        "payment": 8,
        "delivery": 12,
        "return": 7,
        "damaged": 3,
        "how-to": 11,
        "plan-change": 4,
        "cancellation": 4,
        "complaint": 3,
    }
)

PRIORITIES = {
    "standard": Weighted({"low": 24, "normal": 58, "high": 14, "urgent": 4}),
    "plus": Weighted({"low": 16, "normal": 58, "high": 19, "urgent": 7}),
    "enterprise": Weighted({"low": 8, "normal": 50, "high": 28, "urgent": 14}),
}
TIERS = Weighted({"standard": 55, "plus": 33, "enterprise": 12})
LANGUAGES = Weighted({"en": 52, "de": 17, "fr": 13, "es": 11, "ja": 7})

SPECIALISTS = "specialists"
"The team that others escalate to."

TEAMS = ("technical", "billing", "logistics", "care", SPECIALISTS)


class Shift(NamedTuple):
    days: tuple[int, ...]
    "0 is Monday."
    begin: float
    hours: float


_WORKDAYS = (0, 1, 2, 3, 4)
EARLY = Shift(_WORKDAYS, 7, 8)
DAY = Shift(_WORKDAYS, 9, 8)
LATE = Shift(_WORKDAYS, 12, 8)
WEEKEND = Shift((5, 6), 9, 10)

STAFF: tuple[tuple[str, Shift, str], ...] = (
    ("technical", EARLY, "amara bjorn chiara"),
    ("technical", DAY, "dmitri elif farid gwen jonas"),
    ("technical", LATE, "hana igor kofi"),
    ("technical", WEEKEND, "jamal keiko"),
    ("billing", EARLY, "lars maya"),
    ("billing", DAY, "nadia omar lena"),
    ("billing", LATE, "paula"),
    ("billing", WEEKEND, "quentin nils"),
    ("logistics", EARLY, "rosa sven"),
    ("logistics", DAY, "stefan tuva marek"),
    ("logistics", LATE, "umut"),
    ("logistics", WEEKEND, "vera pia"),
    ("care", EARLY, "wim aylin"),
    ("care", DAY, "xenia yusuf oya"),
    ("care", LATE, "zoe"),
    ("care", WEEKEND, "anton ines"),
    (SPECIALISTS, EARLY, "bela"),
    (SPECIALISTS, DAY, "carmen dieter"),
    (SPECIALISTS, LATE, "esra"),
)
"Who works in which team and shift: fits the load of USUAL_RATE, and about a tenth short at its peaks."
