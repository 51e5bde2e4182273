"""Rows of which several are about to be read; ahead.c does it in machine code, and it is a hint alone."""

from collections.abc import Mapping, Sequence


def fetch_ahead(rows: Mapping[str, bytes], keys: Sequence[str]) -> None:
    """Bring rows from memory into the caches, all at the same time and not one after the other.

    Python alone can't, so this does nothing.
    """
