"""What can be set of the metrics of tickets."""

from streams.settings.sections import Section, Some
from streams.settings.values import Names


class TicketDefinitions(Section):
    """What the figures of tickets are made of (rebuild)."""

    session_channels: Names = ("chat", "phone", "social")
    "Channels where a first contact is a session, of any number of replies, and not a single reply."
    session_gap: Some = 3600.0
    "A longer gap between two replies ends a session."
    reopen_window: Some = 7 * 86400
    "A reopening so long after the first resolve, or sooner, takes the first contact resolution back."
