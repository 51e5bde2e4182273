"""All topics of the product, as they must be."""

from streams.catalogue import Catalogue
from streams.kafka.topics import TopicSpec
from streams.settings import Settings
from streams.state.plan import changelog, tables

DAY_MS = 86_400_000
CONTRIBUTIONS_KEPT = 7 * DAY_MS
DEAD_LETTERS_KEPT = 90 * DAY_MS
LARGEST_DEAD_LETTER = 16 * 2**20
"A dead letter holds a whole record, encoded, and what is said of it."

CHANGELOG_SEGMENT = 64 * 2**20
"Only closed segments are compacted, and what isn't compacted is read at each recovery."


KEYS = "signing-keys"
"The topic, after the prefix, of the key that workers share where none is set."


def input_topic(settings: Settings, domain: str) -> str:
    return settings.topics.prefix + domain


def specs(catalogue: Catalogue, settings: Settings) -> tuple[TopicSpec, ...]:
    """Inputs are never deleted: state is built anew from them."""
    domains = [domain.name for domain in catalogue.domains]
    prefix, largest = settings.topics.prefix, settings.topics.largest_record
    return (
        *(_log(settings, input_topic(settings, name), -1, largest) for name in domains),
        _spec(settings, f"{prefix}metrics", {"cleanup.policy": "compact"}),
        _log(settings, f"{prefix}contributions", CONTRIBUTIONS_KEPT, largest),
        *(
            _log(settings, prefix + name, days * DAY_MS, largest)
            for name, days in _signal_topics(catalogue).items()
        ),
        _dead_letters(settings),
        TopicSpec(f"{prefix}{KEYS}", 1, {"cleanup.policy": "compact"}, settings.topics.replication),
        *(_changelog(settings, table) for table in tables(catalogue)),
    )


def _signal_topics(catalogue: Catalogue) -> dict[str, int]:
    """With the days that each keeps: domains may share one."""
    found: dict[str, int] = {}
    for domain in catalogue.domains:
        for name, days in domain.signal_topics.items():
            found[name] = max(days, found.get(name, 0))
    return found


def _log(settings: Settings, name: str, kept: int, largest: int) -> TopicSpec:
    """Records carry the time when the broker got them: an event's own time is judged by it."""
    config = {
        "cleanup.policy": "delete",
        "retention.ms": str(kept),
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(largest),
    }
    return _spec(settings, name, config)


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
    return _spec(settings, changelog(settings.application, table), config)


def _spec(settings: Settings, name: str, config: dict[str, str]) -> TopicSpec:
    return TopicSpec(name, settings.topics.partitions, config, settings.topics.replication)
