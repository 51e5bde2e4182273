"""Calls, told at random, some of them on the tickets of the same set; and the customers who call."""

from .ticket_stories import AGENTS, CUSTOMERS, SEVEN_DAYS, TEAMS, TIERS, TicketStory
from .writer import MINUTE, SECOND, Json, Writer

QUEUES = ("sales", "service", "returns")
CALL_FIELDS = {"queue": QUEUES, "customer_id": CUSTOMERS, "team": TEAMS}
WAITS = (0, 5 * SECOND, 5 * SECOND + 1, 20 * SECOND, 20 * SECOND + 1)


class CallStory:
    """One call: offered, answered or given up, transferred, ended and wrapped, not always all of it."""

    def __init__(
        self, writer: Writer, call_id: str, tickets: list[TicketStory], before: "CallStory | None"
    ) -> None:
        self.writer = writer
        self.id = call_id
        self.tickets = tickets
        self.before = before
        self.fields: Json = {}
        self.offered = writer.rounded(writer.start + writer.rng.randrange(writer.end - writer.start))
        self.ended: int | None = None

    def tell(self) -> None:
        writer, mess = self.writer, self.writer.mess
        self.choose_fields()
        if not writer.chance(mess.never_offered):
            self.say("call.offered", self.offered, self.fields)
        if writer.chance(mess.offered_again):
            self.offer_again()
        time = self.be_answered_or_not()
        if time is None:
            return
        while writer.chance(mess.transfers):
            time, sequence = writer.follows(time, writer.rng.randrange(1, 5 * MINUTE))
            self.say("call.transferred", time, writer.fields({"to": TEAMS, "agent_id": AGENTS}), sequence)
            if writer.chance(0.6):
                time += writer.pick(WAITS)
                self.say("call.answered", time, {"agent_id": writer.word(AGENTS)})
        self.end(time)
        if writer.chance(mess.ended_again):
            self.end(time)

    def choose_fields(self) -> None:
        """A new call, or a further one on the matter of the one before."""
        writer, mess = self.writer, self.writer.mess
        if self.before is not None and writer.chance(mess.further_calls):
            self.fields, self.offered = dict(self.before.fields), self.time_after(self.before)
        else:
            self.fields = {**writer.fields(CALL_FIELDS), **self.ticket()}

    def time_after(self, before: "CallStory") -> int:
        writer = self.writer
        if before.ended is not None and writer.chance(0.3):
            return writer.clamped(before.ended + SEVEN_DAYS + writer.pick((0, 0, -1, 1)))
        return writer.clamped(before.offered + writer.pick((0, 1, writer.span(), -writer.span())))

    def ticket(self) -> Json:
        writer, mess = self.writer, self.writer.mess
        if writer.chance(mess.cleared):
            return {"ticket_id": writer.pick((None, ""))}
        if not self.tickets or not writer.chance(mess.calls_on_tickets):
            return {}
        if writer.chance(mess.unknown_tickets):
            return {"ticket_id": "nobody's"}
        return {"ticket_id": writer.pick(self.tickets).id}

    def offer_again(self) -> None:
        """In another queue, perhaps with the customer or the ticket that is now known."""
        writer = self.writer
        time, sequence = writer.follows(self.offered, writer.rng.randrange(1, 10 * MINUTE))
        self.say("call.offered", time, {**writer.fields(CALL_FIELDS), **self.ticket()}, sequence)

    def be_answered_or_not(self) -> int | None:
        """When it was answered."""
        writer, mess = self.writer, self.writer.mess
        if writer.chance(mess.left_waiting):
            return None
        wait = (
            writer.pick(WAITS)
            if writer.chance(mess.waits_at_thresholds)
            else writer.rng.randrange(3 * MINUTE)
        )
        time = writer.clamped(
            self.offered - wait if writer.chance(mess.answered_early) else self.offered + wait
        )
        if writer.chance(mess.hang_ups):
            self.say("call.abandoned", time, {})
            if not writer.chance(mess.both_ways):
                return None
            time += writer.pick(WAITS)
        self.say("call.answered", time, {"agent_id": writer.word(AGENTS)})
        if writer.chance(mess.both_ways):
            self.say("call.abandoned", time + writer.pick(WAITS), {})
        return time

    def end(self, time: int) -> None:
        writer, mess = self.writer, self.writer.mess
        if not writer.chance(mess.missing_ends):
            time, sequence = writer.follows(time, writer.rng.randrange(1, 20 * MINUTE))
            self.say("call.ended", time, self.what_was_done(), sequence)
            self.ended = time
        if not writer.chance(2 * mess.missing_ends):
            time, sequence = writer.follows(time, writer.rng.randrange(1, 3 * MINUTE))
            self.say("call.wrapped", time, {"seconds": self.seconds()}, sequence)

    def what_was_done(self) -> Json:
        writer, mess = self.writer, self.writer.mess
        said: Json = {}
        for name in ("talk_seconds", "hold_seconds"):
            if writer.chance(mess.cleared):
                said[name] = writer.pick((None, ""))
            elif not writer.chance(mess.left_out):
                said[name] = self.seconds()
        if writer.chance(mess.cleared):
            said["resolved"] = writer.pick((None, ""))
        elif not writer.chance(mess.left_out):
            said["resolved"] = writer.chance(0.8)
        return said

    def seconds(self) -> int | float:
        return self.writer.pick((0, 0.5, 12, 90.25, 600, self.writer.rng.randrange(1000)))

    def say(self, kind: str, time: int, data: Json, sequence: int | None = None) -> None:
        self.writer.say(kind, self.id, time, data, sequence)


def tell_of_customer(writer: Writer, customer_id: str) -> None:
    """A customer comes, changes and now and then goes."""
    mess = writer.mess
    time = writer.start + writer.rng.randrange(writer.end - writer.start)
    fields = {"segment": ("retail", "trade"), "tier": TIERS, "referred_by": CUSTOMERS}
    writer.say("customer.created", customer_id, time, writer.fields(fields))
    if writer.chance(0.5):
        writer.say("customer.updated", customer_id, time + writer.span(), {"acquisition_cost": 12.5})
    if writer.chance(mess.gone_customers):
        kind = writer.pick(("customer.merged", "customer.removed"))
        data = {"into": writer.pick(CUSTOMERS)} if kind == "customer.merged" else {}
        writer.say(kind, customer_id, writer.clamped(time + writer.span()), data)
        if writer.chance(0.5):
            writer.say("customer.returned", customer_id, time + writer.span(), {})
