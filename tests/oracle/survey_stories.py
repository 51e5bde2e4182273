"""Answer sheets, told at random, most of them about the tickets of the same set."""

from .ticket_stories import AGENTS, CHANNELS, CUSTOMERS, TEAMS, TIERS, TicketStory
from .writer import DAY, HOUR, Json, Writer

SHEET_FIELDS = {
    "customer_id": CUSTOMERS,
    "channel": CHANNELS,
    "team": TEAMS,
    "tier": TIERS,
    "touchpoint": ("support", "onboarding", "renewal"),
    "agent_id": AGENTS,
}
ANSWER_LEAVES_OUT = 0.6  # more than a sending does: that is what enrichment is for

OTHER_SURVEYS = ("ces", "csa", "ces", "csa", "moving-in", "onboarding|30 %, day=1")

# Scales of csat and csa with their default ends left out: lowest, highest, as they are said.
CSAT_SCALES: tuple[tuple[float, float, Json], ...] = (
    (0, 100, {"scale_min": 0, "scale_max": 100}),
    (1, 2, {"scale_max": 2}),
    (0, 1, {"scale_min": 0, "scale_max": 1}),
    (1, 7, {"scale_min": 1, "scale_max": 7}),
    (1, 10, {"scale_max": 10}),
    (-2, 2, {"scale_min": -2, "scale_max": 2}),
    (1, 5, {"scale_min": 1, "scale_max": None}),
    (0.5, 5, {"scale_min": 0.5}),
    (0, 0.1, {"scale_min": 0, "scale_max": 0.1}),
)

# The same of ces, and those of other surveys, which must say both ends.
CES_SCALES: tuple[tuple[float, float, Json], ...] = (
    (1, 5, {"scale_max": 5}),
    (0, 100, {"scale_min": 0, "scale_max": 100}),
    (1, 10, {"scale_max": 10, "scale_min": ""}),
    (-3, 3, {"scale_min": -3, "scale_max": 3}),
    (0, 0.7, {"scale_min": 0, "scale_max": 0.7}),
)
OWN_SCALES: tuple[tuple[float, float], ...] = (
    (0, 3), (0, 3), (1, 5), (-5, 5), (0, 100), (0.5, 2.25), (-100_000, 1_000_000),
)  # fmt: skip


class SheetStory:
    """One answer sheet: sent, answered, changed and withdrawn, for one survey or two."""

    def __init__(self, writer: Writer, sheet_id: str, tickets: list[TicketStory], busy: bool) -> None:
        self.writer = writer
        self.id = sheet_id
        self.tickets = tickets
        self.ticket: TicketStory | None = None
        self.ticket_id: str | None = None
        self.busy = busy

    def tell(self) -> None:
        mess = self.writer.mess
        self.choose_ticket()
        surveys = self.writer.pick((("csat",), ("csat",), ("nps",), ("csat", "nps")))
        if self.writer.chance(mess.other_surveys):
            surveys = (*surveys, self.writer.pick(OTHER_SURVEYS))
        for survey in surveys:
            self.tell_survey(survey)
        if self.writer.chance(mess.withdrawn_sheets):
            data: Json = {"survey": self.writer.pick((None, ""))} if self.writer.chance(mess.cleared) else {}
            self.say("survey.withdrawn", self.answer_time()[0], data)
        if self.writer.chance(mess.unlisted_types):
            self.say("survey.opened", self.answer_time()[0], {"survey": "csat", "score": 1})

    def tell_survey(self, survey: str) -> None:
        writer, mess = self.writer, self.writer.mess
        time, sequence = self.answer_time()
        if writer.chance(mess.sent):
            self.send(survey, time - writer.span())
        if writer.chance(mess.sent_again):
            self.send(survey, writer.follows(time, -writer.span())[0])
        if writer.chance(mess.sent_late):
            self.send(survey, time + writer.span())
        self.answer(survey, time, sequence)
        times = mess.busy_events // 2 if self.busy else 1
        for _ in range(times):
            gap = writer.rng.randrange(1, 3 * HOUR) if self.busy else writer.span()
            if writer.chance(mess.changed_answers):
                if writer.chance(mess.moved_answers):
                    self.choose_ticket()
                time, sequence = writer.follows(time, gap)
                self.answer(survey, time, sequence)
            if writer.chance(mess.withdrawn_answers):
                time, sequence = writer.follows(time, gap)
                self.say("survey.withdrawn", time, {"survey": survey}, sequence)

    def choose_ticket(self) -> None:
        writer, mess = self.writer, self.writer.mess
        self.ticket = None
        if writer.chance(mess.without_ticket) or not self.tickets:
            self.ticket_id = None
        elif writer.chance(mess.unknown_tickets):
            self.ticket_id = "nobody's"
        else:
            self.ticket = writer.pick(self.tickets)
            self.ticket_id = self.ticket.id

    def answer_time(self) -> tuple[int, int | None]:
        """When the sheet is answered: around the ticket's events, some at the very time of one."""
        writer, mess = self.writer, self.writer.mess
        if self.ticket is None or not self.ticket.moments:
            return writer.clamped(writer.start + writer.rng.randrange(writer.end - writer.start)), None
        if writer.chance(mess.answers_at_events):
            time, sequence = writer.pick(self.ticket.moments)
            if writer.chance(mess.sequences):
                return writer.clamped(time), sequence + writer.pick((-1, 0, 1))
            return writer.clamped(time), None
        if writer.chance(mess.early_answers):
            first = min(self.ticket.moments)[0]
            return writer.clamped(first - writer.rng.randrange(1, DAY)), None
        return writer.clamped(writer.pick(self.ticket.moments)[0] + writer.span()), None

    def say(self, kind: str, time: int, data: Json, sequence: int | None = None) -> None:
        self.writer.say(kind, self.id, self.writer.clamped(time), data, sequence)

    def ticket_field(self, left_out: float) -> Json:
        if self.writer.chance(self.writer.mess.cleared):
            return {"ticket_id": self.writer.pick((None, ""))}
        if self.ticket_id is None or self.writer.chance(left_out):
            return {}
        return {"ticket_id": self.ticket_id}

    def send(self, survey: str, time: int) -> None:
        said = self.writer.fields(SHEET_FIELDS)
        self.say("survey.sent", time, {"survey": survey, **self.ticket_field(0.2), **said})

    def answer(self, survey: str, time: int, sequence: int | None) -> None:
        writer = self.writer
        said = {
            name: value
            for name, value in writer.fields(SHEET_FIELDS).items()
            if not value or not writer.chance(ANSWER_LEAVES_OUT)
        }
        data: Json = {"survey": survey, **self.score(survey), **self.ticket_field(0.25), **said}
        if writer.chance(0.2):
            data["comment"] = "Très bien | 100 %"
        self.say("survey.responded", time, data, sequence)

    def score(self, survey: str) -> Json:
        writer, mess = self.writer, self.writer.mess
        if survey == "nps":
            ends: Json = {"scale_min": 0, "scale_max": 10} if writer.chance(mess.odd_scales / 4) else {}
            return {"score": writer.rng.randrange(11), **ends}
        if survey not in ("csat", "csa", "ces"):
            low, high = writer.pick(OWN_SCALES) if writer.chance(mess.odd_scales) else OWN_SCALES[0]
            return {"score": self.score_between(low, high), "scale_min": low, "scale_max": high}
        low, high, said = (1, 7, {}) if survey == "ces" else (1, 5, {})
        if writer.chance(mess.odd_scales):
            low, high, said = writer.pick(CES_SCALES if survey == "ces" else CSAT_SCALES)
        return {"score": self.score_between(low, high), **said}

    def score_between(self, low: float, high: float) -> int | float:
        """A score on the scale: its ends, the borders of satisfaction and effort, close to them, anything."""
        border = round(low + 0.75 * (high - low), 4)
        third = round(low + (high - low) / 3, 6)
        anything = self.writer.rng.uniform(low, high)
        score = self.writer.pick(
            (
                low,
                high,
                border,
                border,
                round(border - 0.01, 4),
                third,
                round(anything, 3),
                round(anything, 6),
            )
        )
        if low == 1 and self.writer.chance(0.7):
            score = self.writer.rng.randrange(1, int(high) + 1)
        score = min(max(score, low), high)
        return int(score) if score == int(score) else score
