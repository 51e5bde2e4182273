"""What can be set of service levels: the policies, as settings have them."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from agents.sla.levels import DEFAULT_LEVELS, Level
from agents.sla.objectives import USUAL, AlertDefinitions, Objectives
from agents.sla.policies import TARGETS, Policy
from streams.moments import SECOND
from streams.settings.sections import Section, Some
from streams.settings.values import Allowed, Moment, Name, Names, duration

Stop = Literal["pending", "held"]
LEVEL_FORM = 'a share of the target such as "75%" or a time before it such as "30m"'


def _level(value: Any) -> Any:
    if isinstance(value, Level):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r}, expected {LEVEL_FORM}")
    text = value.strip()
    try:
        if text.endswith("%"):
            level = Level(share=round(float(text[:-1]) * 10_000))
            if not 0 < level.share < 1_000_000:
                raise ValueError
        else:
            level = Level(before=round(duration(text) * SECOND))
            if level.before <= 0:
                raise ValueError
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r}, expected {LEVEL_FORM}") from None
    return level


def _levels(value: tuple[Level, ...]) -> tuple[Level, ...]:
    return tuple(dict.fromkeys(value))


WarnAt = Annotated[
    tuple[
        Annotated[Level, BeforeValidator(_level), PlainSerializer(lambda level: level.name)],
        ...,
    ],
    AfterValidator(_levels),
    Allowed(f"a list, each {LEVEL_FORM}"),
]


class Conditions(Section):
    """What a ticket or call must have, of each that is named one of the values; "unknown" is what is missing.

    The channel of calls is "call".
    """

    channel: Names | None = None
    priority: Names | None = None
    team: Names | None = None
    tier: Names | None = None
    topic: Names | None = None
    source: Names | None = None
    queue: Names | None = None
    tags: Names | None = None

    def values(self) -> dict[str, frozenset[str]]:
        named = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: frozenset(values) for name, values in named if values is not None}


class Targets(Section):
    """How long each target may take."""

    first_response: Some | None = None
    next_response: Some | None = None
    periodic_update: Some | None = None
    resolution: Some | None = None
    total_resolution: Some | None = None
    requester_wait: Some | None = None
    agent_work: Some | None = None
    speed_of_answer: Some | None = None

    def durations(self) -> dict[str, int]:
        named = ((name, getattr(self, name)) for name in TARGETS)
        return {name: round(seconds * SECOND) for name, seconds in named if seconds is not None}


class Pauses(Section):
    """The statuses that stop the clock of a target; nothing stops the first response."""

    next_response: tuple[Stop, ...] | None = None
    periodic_update: tuple[Stop, ...] | None = None
    resolution: tuple[Stop, ...] | None = None
    total_resolution: tuple[Stop, ...] | None = None
    requester_wait: tuple[Stop, ...] | None = None
    agent_work: tuple[Stop, ...] | None = None

    def statuses(self) -> dict[str, frozenset[str]]:
        named = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: frozenset(stops) for name, stops in named if stops is not None}


class PolicyDefinition(Section):
    """One version of a policy. Policies are tried in their order; one without conditions is the fallback."""

    name: Name
    "Versions of a policy share its name."
    valid_from: Moment | None = None
    "What starts from this time on is under this version, and stays so."
    when: Conditions = Field(default_factory=Conditions)
    targets: dict[str, Targets] = {}
    'By priority; "default" is for all others.'
    calendar: Name | None = None
    "The calendar by which time counts; none: all time counts."
    warn_at: WarnAt = DEFAULT_LEVELS
    "When targets come to be at risk."
    pauses: Pauses = Field(default_factory=Pauses)
    resolve_fulfils_replies: bool = True
    "Whether a resolve is as good as a reply; else unanswered replies are cancelled by it."
    objectives: Objectives = USUAL
    'What share of each target is to be met: of these there are alerts. "default" is for all others.'

    @model_validator(mode="after")
    def _promises(self) -> Self:
        if not any(row.durations() for row in self.targets.values()):
            raise ValueError(f"a target for policy {self.name!r}: {', '.join(TARGETS)}")
        return self

    def policy(self) -> Policy:
        return Policy(
            name=self.name,
            targets={priority: row.durations() for priority, row in self.targets.items()},
            valid_from=self.valid_from or 0,
            when=self.when.values(),
            calendar=self.calendar,
            levels=self.warn_at,
            pauses=self.pauses.statuses(),
            resolve_fulfils_replies=self.resolve_fulfils_replies,
        )


EXAMPLE = [
    {
        "name": "gold",
        "when": {"tier": ["gold"]},
        "calendar": "office",
        "warn_at": ["75%", "30m"],
        "targets": {
            "urgent": {"first_response": "15m", "resolution": "4h"},
            "default": {"first_response": "1h", "next_response": "2h", "resolution": "2d"},
        },
        "objectives": {"default": "95%", "resolution": "90%"},
    },
    {"name": "all", "targets": {"default": {"first_response": "8h"}}},
]


class SlaDefinitions(Section):
    """Service levels: what is promised to whom, and by when (rebuild)."""

    policies: tuple[PolicyDefinition, ...] = Field(default=(), examples=[EXAMPLE])
    "Service levels (rebuild): the first policy whose conditions hold counts: docs/service-levels.md."
    alerts: AlertDefinitions = Field(default_factory=AlertDefinitions)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if problem := next(inconsistencies(self.all()), None):
            raise ValueError(problem)
        return self

    def all(self) -> tuple[Policy, ...]:
        return tuple(definition.policy() for definition in self.policies)


def inconsistencies(policies: tuple[Policy, ...]) -> Iterator[str]:
    """What can't be meant: two versions from the same time, and policies that can never count."""
    seen: set[tuple[str, int]] = set()
    for policy in policies:
        if (policy.name, policy.valid_from) in seen:
            yield f"versions of policy {policy.name!r} with different valid_from"
        seen.add((policy.name, policy.valid_from))
    for place, policy in enumerate(policies):
        for earlier in policies[:place]:
            if earlier.name != policy.name and _hides(earlier, policy, policies):
                yield f"policy {policy.name!r} before {earlier.name!r}, which holds whenever it does"


def _hides(earlier: Policy, policy: Policy, policies: tuple[Policy, ...]) -> bool:
    """Whether one always counts before the other: neither has other versions, and it asks for no more."""
    names = [each.name for each in policies]
    if names.count(earlier.name) > 1 or earlier.valid_from > policy.valid_from:
        return False
    return covers(earlier.when, policy.when)


def covers(wide: Mapping[str, frozenset[str]], narrow: Mapping[str, frozenset[str]]) -> bool:
    """Whether all that the narrow conditions hold for, the wide ones hold for too."""
    return all(name in narrow and narrow[name] <= allowed for name, allowed in wide.items())
