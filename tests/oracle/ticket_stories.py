"""Tickets' lives, told at random."""

from collections.abc import Callable

from .writer import DAY, HOUR, MINUTE, SECOND, Json, Writer

CHANNELS = ("email", "chat", "phone", "social", "web")
TEAMS = ("front", "back", "billing")
TIERS = ("gold", "silver", "free")
AGENTS = ("ana", "ben", "cem", "dia")
PRIORITIES = ("low", "normal", "high", "urgent")
TOPICS = ("login", "refund", "delivery")
CUSTOMERS = ("c1", "c2", "c3", "c4", "c5")

TICKET_FIELDS = {
    "customer_id": CUSTOMERS,
    "channel": CHANNELS,
    "priority": PRIORITIES,
    "team": TEAMS,
    "tier": TIERS,
    "topic": TOPICS,
    "language": ("en", "de"),
    "agent_id": AGENTS,
}
STATUSES = ("open", "pending", "held", "resolved", "closed")
SHORTHANDS = {
    "open": ("ticket.reopened", "ticket.reopened", "ticket.resumed"),
    "pending": ("ticket.pended",),
    "held": ("ticket.held",),
    "resolved": ("ticket.resolved",),
    "closed": ("ticket.closed",),
}
SEVEN_DAYS = 7 * DAY


class TicketStory:
    """One ticket: its creation, what came before it, and a walk through what may follow."""

    def __init__(self, writer: Writer, ticket_id: str, busy: bool) -> None:
        self.writer = writer
        self.id = ticket_id
        self.home_agent = writer.word(AGENTS)
        self.busy = busy
        self.resolved_at: int | None = None
        self.gone = False
        self.moments: list[tuple[int, int]] = []  # time and sequence of each event

    def tell(self) -> None:
        writer, mess = self.writer, self.writer.mess
        length = writer.end - writer.start
        share = 0.3 if self.busy else 0.8
        created = writer.rounded(writer.start + writer.rng.randrange(int(length * share)))
        if not writer.chance(mess.never_created):
            self.create(created)
        while writer.chance(mess.early_events):
            self.come_early(created)
        time = created
        if not self.busy and writer.chance(mess.plain):
            self.live_plainly(created)
            return
        for _ in range(mess.busy_events if self.busy else writer.rng.randrange(9)):
            gap = writer.rng.randrange(1, 2 * HOUR) if self.busy else writer.span()
            time, sequence = writer.follows(time, gap)
            self.act(time, sequence)
        if writer.chance(mess.second_creations):
            self.create(writer.rounded(created + writer.span()))

    def live_plainly(self, created: int) -> None:
        writer = self.writer
        time, sequence = created, None
        for _ in range(writer.pick((0, 1, 1, 1, 2, 3))):
            time, sequence = writer.follows(time, writer.span())
            self.say("ticket.replied", time, {"author": "agent", "agent_id": self.home_agent}, sequence)
        time, sequence = writer.follows(time, writer.span())
        self.resolve(time, sequence)
        if writer.chance(writer.mess.reopenings):
            self.reopen(*writer.follows(time, writer.span()))

    def say(self, kind: str, time: int, data: Json, sequence: int | None = None) -> None:
        self.moments.append((time, sequence or 0))
        self.writer.say(kind, self.id, time, data, sequence)

    def create(self, time: int, sequence: int | None = None) -> None:
        writer, mess = self.writer, self.writer.mess
        data = writer.fields(TICKET_FIELDS)
        if writer.chance(mess.cleared):
            data["created_by"] = writer.pick((None, ""))
        elif writer.chance(mess.agent_created):
            data["created_by"] = "agent"
        elif writer.chance(0.2):
            data["created_by"] = writer.pick(("customer", "system"))
        if writer.chance(mess.created_with_status):
            data["status"] = writer.pick(STATUSES)
        if writer.chance(0.3):
            data["tags"] = ["vip", "ü,|"]
        self.say("ticket.created", time, data, sequence)

    def come_early(self, created: int) -> None:
        """An event before the creation: by minutes, or at its very time with a lower sequence."""
        if self.writer.chance(self.writer.mess.ties):
            self.act(created, -1)
        else:
            self.act(created - self.writer.rng.randrange(1, 30 * MINUTE), None)

    def act(self, time: int, sequence: int | None) -> None:
        mess = self.writer.mess
        reopening = mess.reopenings * (4.0 if self.resolved_at is not None else 0.2)
        acts: list[tuple[Callable[[int, int | None], None], float]] = [
            (self.reply, 2.0),
            (self.customer_message, 1.0),
            (self.bot_message, mess.bots),
            (self.private_reply, mess.private_replies),
            (self.assign, mess.assignments),
            (self.update, 0.3),
            (self.escalate, mess.escalations),
            (self.wait, mess.waits),
            (self.handle, mess.handlings),
            (self.resolve, 1.2),
            (self.reopen, reopening),
            (self.close, mess.closes * (0.1 if self.busy else 1.0)),
            (self.merge, mess.merges),
            (self.remove, mess.removals),
            (self.restore, mess.restorations * (3.0 if self.gone else 0.05)),
            (self.speak_strangely, mess.unlisted_types),
        ]
        weights = [weight for _, weight in acts]
        chosen = self.writer.rng.choices([act for act, _ in acts], weights)[0]
        chosen(time, sequence)

    def agent(self) -> str:
        return self.home_agent if self.writer.chance(0.7) else self.writer.word(AGENTS)

    def maybe_agent(self) -> Json:
        """An `agent_id`, none, or a cleared one."""
        if self.writer.chance(self.writer.mess.cleared):
            return {"agent_id": self.writer.pick((None, ""))}
        return {} if self.writer.chance(self.writer.mess.left_out) else {"agent_id": self.agent()}

    def reply(self, time: int, sequence: int | None) -> None:
        data: Json = {"author": "agent", "text": "Gerne!", **self.maybe_agent()}
        if self.writer.chance(0.2):
            data["public"] = True
        elif self.writer.chance(self.writer.mess.cleared):
            data["public"] = None
        self.say("ticket.replied", time, data, sequence)

    def private_reply(self, time: int, sequence: int | None) -> None:
        data: Json = {"author": self.writer.pick(("agent", "agent", "bot", "customer")), "public": False}
        self.say("ticket.replied", time, {**data, **self.maybe_agent()}, sequence)

    def bot_message(self, time: int, sequence: int | None) -> None:
        self.say("ticket.replied", time, {"author": "bot", **self.maybe_agent()}, sequence)

    def customer_message(self, time: int, sequence: int | None) -> None:
        self.say("ticket.replied", time, {"author": "customer", "text": "¿Qué?"}, sequence)

    def assign(self, time: int, sequence: int | None) -> None:
        data = self.writer.fields({"agent_id": AGENTS, "team": TEAMS})
        if self.writer.chance(0.5):
            data["agent_id"] = self.home_agent
        self.say("ticket.assigned", time, data, sequence)

    def update(self, time: int, sequence: int | None) -> None:
        writer = self.writer
        data = writer.fields(
            {name: TICKET_FIELDS[name] for name in writer.rng.sample(sorted(TICKET_FIELDS), 3)}
        )
        if writer.chance(writer.mess.cleared_status):
            data["status"] = writer.pick((None, ""))
        self.say("ticket.updated", time, data, sequence)

    def set_status(self, status: str, time: int, sequence: int | None) -> None:
        """By an update, perhaps with other fields beside it, or by a shorthand."""
        writer = self.writer
        if writer.chance(writer.mess.status_by_update):
            beside = writer.fields({"agent_id": AGENTS, "channel": CHANNELS}) if writer.chance(0.3) else {}
            self.say("ticket.updated", time, {**beside, "status": status}, sequence)
        else:
            kind = writer.pick(SHORTHANDS[status])
            self.say(kind, time, self.maybe_agent() if kind == "ticket.resolved" else {}, sequence)

    def wait(self, time: int, sequence: int | None) -> None:
        status = self.writer.pick(("pending", "held", "resumed"))
        if status == "resumed":
            self.say("ticket.resumed", time, {}, sequence)
        else:
            self.set_status(status, time, sequence)

    def resolve(self, time: int, sequence: int | None) -> None:
        self.set_status("resolved", time, sequence)
        self.resolved_at = time

    def reopen(self, time: int, sequence: int | None) -> None:
        writer = self.writer
        if self.resolved_at is not None and writer.chance(writer.mess.late_reopenings):
            time = self.resolved_at + SEVEN_DAYS + writer.pick((0, 0, -1, 1, SECOND))
        self.set_status("open", time, sequence)
        self.resolved_at = None

    def close(self, time: int, sequence: int | None) -> None:
        self.set_status("closed", time, sequence)

    def merge(self, time: int, sequence: int | None) -> None:
        self.say("ticket.merged", time, {"into": "t0"}, sequence)
        self.gone = True

    def remove(self, time: int, sequence: int | None) -> None:
        reason = {"reason": self.writer.pick(("spam", "test", "deleted"))} if self.writer.chance(0.5) else {}
        self.say("ticket.removed", time, reason, sequence)
        self.gone = True

    def restore(self, time: int, sequence: int | None) -> None:
        self.say("ticket.restored", time, {}, sequence)
        self.gone = False

    def escalate(self, time: int, sequence: int | None) -> None:
        data = self.writer.fields({"to": TEAMS, "reason": ("angry", "hard")})
        self.say("ticket.escalated", time, data, sequence)

    def handle(self, time: int, sequence: int | None) -> None:
        seconds = self.writer.pick((0, 12, 90.5, 600))
        self.say("ticket.handled", time, {"agent_id": self.agent(), "seconds": seconds}, sequence)

    def speak_strangely(self, time: int, sequence: int | None) -> None:
        self.say("ticket.viewed", time, {"status": "closed", "channel": "nowhere"}, sequence)
