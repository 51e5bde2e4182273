"""All topics of the product, as they must be."""

from collections.abc import Mapping

from streams.catalogue import Catalogue
from streams.kafka.topics import UNLIMITED, Must, TopicSpec
from streams.settings import Settings
from streams.state.plan import changelog, tables

DAY_MS = 86_400_000
CONTRIBUTIONS_KEPT = 7 * DAY_MS
DEAD_LETTERS_KEPT = 90 * DAY_MS
LARGEST_DEAD_LETTER = 16 * 2**20
"A dead letter holds a whole record, encoded, and what is said of it."

CHANGELOG_SEGMENT = 64 * 2**20
"Only closed segments are compacted, and what isn't compacted is read at each recovery."

# With which settings data is lost unless they are ours. A start refuses them; all others are for a warning.
STATE = {"cleanup.policy": Must.EXACTLY}
INPUT = {
    "cleanup.policy": Must.EXACTLY,
    "retention.ms": Must.EXACTLY,
    "retention.bytes": Must.EXACTLY,
    "message.timestamp.type": Must.EXACTLY,
}
ON_THE_WAY = INPUT | {"retention.ms": Must.AT_LEAST, "retention.bytes": Must.AT_LEAST}
"What is on its way has been read long before it is deleted."

NOTHING: Mapping[str, Must] = {}


KEYS = "signing-keys"
"The topic, after the prefix, of the key that workers share where none is set."


def input_topic(settings: Settings, domain: str) -> str:
    return settings.topics.prefix + domain


def specs(catalogue: Catalogue, settings: Settings) -> tuple[TopicSpec, ...]:
    """Inputs are never deleted: state is built anew from them."""
    domains = [domain.name for domain in catalogue.domains]
    prefix = settings.topics.prefix
    return (
        *(_log(settings, input_topic(settings, name), UNLIMITED, INPUT) for name in domains),
        _spec(settings, f"{prefix}metrics", {"cleanup.policy": "compact"}),
        _log(settings, f"{prefix}contributions", str(CONTRIBUTIONS_KEPT), ON_THE_WAY),
        *(
            _log(settings, prefix + name, str(days * DAY_MS), NOTHING)
            for name, days in _signal_topics(catalogue).items()
        ),
        _dead_letters(settings),
        TopicSpec(f"{prefix}{KEYS}", 1, {"cleanup.policy": "compact"}, settings.topics.replication, STATE),
        *(_changelog(settings, table) for table in tables(catalogue)),
    )


def _signal_topics(catalogue: Catalogue) -> dict[str, int]:
    """With the days that each keeps: domains may share one."""
    found: dict[str, int] = {}
    for domain in catalogue.domains:
        for name, days in domain.signal_topics.items():
            found[name] = max(days, found.get(name, 0))
    return found


def _log(settings: Settings, name: str, kept: str, essential: Mapping[str, Must]) -> TopicSpec:
    """Records carry the time when the broker got them: an event's own time is judged by it."""
    config = {
        "cleanup.policy": "delete",
        "retention.ms": kept,
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(settings.topics.largest_record),
    }
    if "retention.bytes" in essential:
        config["retention.bytes"] = UNLIMITED
    return _spec(settings, name, config, essential)


def _dead_letters(settings: Settings) -> TopicSpec:
    config = {
        "cleanup.policy": "delete",
        "retention.ms": str(DEAD_LETTERS_KEPT),
        "max.message.bytes": str(max(LARGEST_DEAD_LETTER, 2 * settings.topics.largest_record)),
    }
    return _spec(settings, f"{settings.topics.prefix}dead-letters", config)


def _changelog(settings: Settings, table: str) -> TopicSpec:
    config = {
        "cleanup.policy": "compact",
        "segment.bytes": str(CHANGELOG_SEGMENT),
        "max.message.bytes": str(settings.topics.largest_record),
    }
    return _spec(settings, changelog(settings.application, table), config, STATE)


def _spec(
    settings: Settings, name: str, config: dict[str, str], essential: Mapping[str, Must] = NOTHING
) -> TopicSpec:
    topics = settings.topics
    return TopicSpec(name, topics.partitions, config, topics.replication, essential)
