"""What figures are made of, as far as it can be set: the section `definitions` of the settings."""

from typing import Any, Self

from pydantic import Field, model_validator

from agents.business.definitions import OFFICE, BusinessTime, CalendarDefinitions
from agents.calls.definitions import CallDefinitions
from agents.sla.definitions import SlaDefinitions
from agents.tickets.definitions import TicketDefinitions
from streams.settings.sections import Section


class Definitions(Section):
    """What figures are made of (rebuild)."""

    tickets: TicketDefinitions = Field(default_factory=TicketDefinitions)
    calls: CallDefinitions = Field(default_factory=CallDefinitions)
    calendars: CalendarDefinitions = Field(default={}, examples=[{"office": OFFICE}])
    "Business calendars by name (rebuild); with [[ ]] and valid_from in several versions: docs/calendars.md."
    business_time: tuple[BusinessTime, ...] = Field(default=(), examples=[[{"calendar": "office"}]])
    "Durations of tickets in business time too (rebuild): by the first calendar whose conditions hold."

    sla: SlaDefinitions = Field(default_factory=SlaDefinitions)

    def defining(self) -> dict[str, Any]:
        """Alerts look at figures, which are the same without them."""
        return self.model_dump(exclude={"sla": {"alerts": True, "policies": {"__all__": {"objectives"}}}})

    @model_validator(mode="after")
    def _calendars_are_known(self) -> Self:
        known = ", ".join(sorted(self.calendars)) or "none"
        for policy in self.sla.policies:
            if policy.calendar is not None and policy.calendar not in self.calendars:
                raise ValueError(
                    f"calendar {policy.calendar!r} of policy {policy.name!r} to be one of calendars: {known}"
                )
        for rule in self.business_time:
            if rule.calendar not in self.calendars:
                raise ValueError(
                    f"calendar {rule.calendar!r} of business_time to be one of calendars: {known}"
                )
        for rule in self.business_time[:-1]:
            if not rule.conditions():
                raise ValueError(f"calendar {rule.calendar!r} of business_time last, as it holds always")
        return self
