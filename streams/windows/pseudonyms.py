"""Pseudonyms: digests in the place of values, so that figures tell people apart and name nobody."""

import hmac
from collections.abc import Mapping

SHORTEST_KEY = 16
"Characters of a key, at least: a short one could be guessed from a known value and its digest."


class Pseudonyms:
    """For the values of some dimensions; the same value has the same digest wherever the key is the same.

    HMAC-SHA-256 (RFC 2104) of dimension and value, its first 64 bits: nobody without the key can tell the
    value, or try which it is.
    """

    def __init__(self, dimensions: frozenset[str], key: str) -> None:
        self.dimensions = dimensions
        self._key = key.encode()

    def of(self, dimension: str, value: str) -> str:
        return self._digest(f"{dimension}={value}")

    @property
    def fingerprint(self) -> str:
        """Differs where the key does, and doesn't tell it."""
        return self._digest("")

    def _digest(self, text: str) -> str:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256").hex()[:16]


def shown(
    dimensions: Mapping[str, str | None], hidden: frozenset[str], pseudonyms: Pseudonyms | None
) -> dict[str, str | None]:
    """Dimension values as they may be told."""
    told = {name: value for name, value in dimensions.items() if name not in hidden}
    if pseudonyms is not None:
        for name in pseudonyms.dimensions & told.keys():
            if value := told[name]:
                told[name] = pseudonyms.of(name, value)
    return told
