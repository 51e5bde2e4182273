"""How far those have come who tell an entity facts."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any


def reached(
    registers: Mapping[str, tuple[int, Any]], partition_of: Callable[[bytes], int], partitions: int
) -> dict[str, int]:
    """Up to when each domain has told its facts: by the latest of the partition that is furthest behind.

    A domain isn't there while a partition of it has told nothing.
    """
    latest: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for key, (_, fact) in registers.items():
        if fact is not None:
            domain, subject = teller(key)
            number = partition_of(subject.encode())
            latest[domain][number] = max(fact.since, latest[domain].get(number, fact.since))
    return {domain: min(found.values()) for domain, found in latest.items() if len(found) == partitions}


def register_key(domain: str, subject: str, key: str) -> str:
    """The register of a fact: what says it, and which of its facts."""
    return f"{domain} {len(subject)} {subject}{key}"


def teller(register: str) -> tuple[str, str]:
    """The domain and the subject that a register is of."""
    domain, size, rest = register.split(" ", 2)
    return domain, rest[: int(size)]
