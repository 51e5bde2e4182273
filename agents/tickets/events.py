"""What is said of a ticket on `cx.tickets`."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from agents.fields import Flag, Required, Seconds
from streams.events import Fact, Text

Status = Literal["open", "pending", "held", "resolved", "closed"]
Author = Literal["agent", "customer", "bot"]


class Fields(Struct, omit_defaults=True):
    """Of a creation and of updates: what is absent stays as it is, null or "" clears."""

    customer_id: Text = UNSET
    channel: Text = UNSET
    priority: Text = UNSET
    team: Text = UNSET
    tier: Text = UNSET
    topic: Text = UNSET
    tags: list[str] | Literal[""] | UnsetType | None = UNSET
    language: Text = UNSET
    created_by: Literal["customer", "agent", "system", ""] | UnsetType | None = UNSET
    agent_id: Text = UNSET
    status: Status | Literal[""] | UnsetType | None = UNSET


class Assigned(Struct, omit_defaults=True):
    agent_id: Text = UNSET
    team: Text = UNSET


class Escalated(Struct, omit_defaults=True):
    to: Text = UNSET
    reason: Text = UNSET


class Replied(Struct, omit_defaults=True):
    author: Author
    agent_id: Text = UNSET
    public: Flag = UNSET
    "True where nothing is said."


class Handled(Struct):
    agent_id: Required
    seconds: Seconds


class Resolved(Struct, omit_defaults=True):
    agent_id: Text = UNSET


class Merged(Struct):
    into: Required


class Removed(Struct, omit_defaults=True):
    reason: Text = UNSET


class Rated(Fact):
    """A survey answer about the ticket, or that it no longer stands."""


class Signalled(Fact):
    """A call on the ticket, or that it no longer is one."""
