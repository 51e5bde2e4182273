"""Where partition numbers were left, and why one may not go on from there, in a sentence."""

from collections.abc import Iterable, Mapping

from streams.signature import Signer
from streams.state.checkpoint import read_metadata
from streams.state.partition import Partition
from streams.state.plan import Plan

Place = tuple[int, str]
"What is committed of a partition: offset and metadata."

Range = tuple[int, int]
"The offsets of the first record that is kept, and after the last one."


def unfit(plan: Plan, number: int, places: Mapping[str, Place]) -> str | None:
    """By what was committed of a number: topic -> offset and metadata."""
    name, state_id = plan.application, plan.state_id
    left = {topic: read_metadata(metadata) for topic, (_, metadata) in places.items() if metadata}
    key_id = Signer(plan.signing_key).fingerprint
    for topic, each in left.items():
        if each.version != plan.version:
            return (
                f"The state of {name!r} was written by definitions {each.version}, these are {plan.version}."
            )
        if each.topic_id != plan.topic_ids.get(topic):
            return (
                f"Topic {topic} was deleted and made anew since the state of {name!r} was written: its "
                "offsets mean other records now."
            )
        if each.key_id != key_id:
            return (
                f"What {name!r} had written on the input topics was signed by another key (setting "
                f"signing_key, or the topic {plan.topic('signing-keys')})."
            )
        if each.state_id not in (None, state_id):
            return f"A changelog of {name!r} was deleted and made anew: its state is lost."
    if left and (forgotten := sorted(places.keys() - left.keys())):
        # All of a number is committed together. With a topic Kafka deletes the offsets of its readers.
        return (
            f"Kafka no longer knows how far {', '.join(forgotten)} was read in partition {number}, of which "
            f"{name!r} has state: it was deleted and made anew, or its offsets were reset."
        )
    return None


def unreadable(plan: Plan, number: int, places: Mapping[str, Place], kept: Mapping[str, Range]) -> str | None:
    """By what is kept of the topics: from where they were left on there must be everything."""
    for topic, (offset, metadata) in places.items():
        first, end = kept[topic]
        if offset > end or (metadata and offset < first):
            return missing(plan, f"{topic}/{number}", offset, (first, end))
    return None


def missing(plan: Plan, partition: str, offset: int, kept: Range) -> str:
    """What is to be read next of a partition isn't there."""
    first, end = kept
    return (
        f"{partition} was read up to offset {offset} by {plan.application!r}, and is kept from {first} to "
        f"{end} now: records are missing."
    )


def shortened(changelogs: Iterable[str], number: int, kept: Mapping[str, Range]) -> str | None:
    """By what is kept of changelogs: compaction leaves their beginning where it was."""
    for topic in changelogs:
        first, end = kept[topic]
        if first > 0:
            return (
                f"{topic}/{number} is kept from offset {first} to {end} only: rows of the state are missing."
            )
    return None


def beginning(places: Mapping[str, Place], kept: Mapping[str, Range]) -> dict[str, Place]:
    """Where to go on: a topic of which nothing is committed is read from the first record that is kept."""
    return {
        topic: (offset if metadata else max(offset, kept[topic][0]), metadata)
        for topic, (offset, metadata) in places.items()
    }


def skipped(
    inputs: Iterable[str], number: int, places: Mapping[str, Place], kept: Mapping[str, Range]
) -> dict[str, int]:
    """The first offset of the inputs that a fresh start can't read whole, by partition."""
    starts = {topic: kept[topic][0] for topic in inputs if not places[topic][1]}
    return {f"{topic}/{number}": first for topic, first in starts.items() if first > places[topic][0]}


def without_offsets(partition: Partition, places: Mapping[str, Place]) -> str | None:
    """State without offsets would take everything twice: Kafka forgets offsets of idle groups."""
    if any(partition.rows.values()) and not any(metadata for _, metadata in places.values()):
        return (
            f"Partition {partition.number} of {partition.plan.application!r} has state but no committed "
            "offsets (offsets.retention.minutes of the broker has passed?)."
        )
    return None


def rebuild(plan: Plan) -> str:
    return (
        "Start under a new name to rebuild the state from the log: "
        f'application = "{plan.application}-2" (METRICLAND_APPLICATION).'
    )
