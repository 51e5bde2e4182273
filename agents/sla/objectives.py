"""What share of targets is to be met, and what alerts on that need to know beside it."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from agents.sla.policies import ANY, TARGETS
from streams.settings.sections import Section, Whole
from streams.settings.values import Allowed, Name, Names

WHOLE = 10_000
FORM = 'a share below 100 % such as "95%" or "99.5%"'


def _share(value: Any) -> Any:
    """In ten-thousandths."""
    if isinstance(value, str):
        share = round(float(value.strip().removesuffix("%")) * 100) if value.strip().endswith("%") else 0
    else:
        share = value if isinstance(value, int) and not isinstance(value, bool) else 0
    if not 0 < share < WHOLE:
        raise ValueError(f"{value!r}, expected {FORM}")
    return share


def share_text(share: int) -> str:
    return f"{share / 100:g}%"


def _known(value: dict[str, int]) -> dict[str, int]:
    for name in value:
        if name not in (ANY, *TARGETS):
            raise ValueError(f"{name!r}, expected {ANY} or a target: {', '.join(TARGETS)}")
    return value


Objective = Annotated[int, BeforeValidator(_share), PlainSerializer(share_text, when_used="json")]
Objectives = Annotated[
    dict[str, Objective],
    AfterValidator(_known),
    Allowed(f"{FORM}, by target or {ANY}"),
]

USUAL = {ANY: 9_500}


class AlertDefinitions(Section):
    """Alerts on service levels: `metricland rules` makes Prometheus' rules of them."""

    enough: Whole = 20
    "So many targets have to be decided within an alert's long window for it to fire."
    urgent: Names = ("urgent",)
    "Priorities of which a single overdue target is reason for an alert."
    team: Name = "support"
    "Whom alerts name that no policy of one team alone is the reason for."
