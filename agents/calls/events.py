"""What is said of a call on `cx.calls`."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from agents.fields import Flag, Required, Seconds
from streams.events import Text

Span = Seconds | Literal[""] | UnsetType | None


class Offered(Struct, omit_defaults=True):
    queue: Text = UNSET
    customer_id: Text = UNSET
    ticket_id: Text = UNSET
    team: Text = UNSET


class Answered(Struct):
    agent_id: Required


class Transferred(Struct, omit_defaults=True):
    to: Text = UNSET
    agent_id: Text = UNSET


class Ended(Struct, omit_defaults=True):
    talk_seconds: Span = UNSET
    hold_seconds: Span = UNSET
    resolved: Flag = UNSET


class Wrapped(Struct):
    seconds: Seconds
