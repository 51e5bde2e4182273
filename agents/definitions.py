"""What figures are made of, as far as it can be set: the section `definitions` of the settings."""

from pydantic import Field

from agents.tickets.definitions import TicketDefinitions
from streams.settings.sections import Section


class Definitions(Section):
    """What figures are made of (rebuild)."""

    tickets: TicketDefinitions = Field(default_factory=TicketDefinitions)
