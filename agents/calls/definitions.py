"""What can be set of the metrics of calls."""

from typing import Annotated

from pydantic import Field

from streams.settings.sections import Section, Some
from streams.settings.values import Duration

Span = Annotated[Duration, Field(ge=0)]


class CallDefinitions(Section):
    """What the figures of calls are made of (rebuild)."""

    answered_within: Span = 20.0
    "The service level's threshold: a call answered after exactly this long has met it."
    abandoned_early: Span = 5.0
    "Who hangs up within this time has not waited for an answer."
    lost_after: Some = 86400.0
    "A call that has waited so long waits no more: what became of it was never said."
