"""Signatures of what the processor itself writes on input topics: anybody may write there under its name.

A signature is a keyed BLAKE2b digest, and the last attribute of the record.
"""

import hmac
from hashlib import blake2b

SIZE = 16
"Bytes of a digest."

_BEFORE, _AFTER = b',"signature":"', b'"}'
_LENGTH = len(_BEFORE) + 2 * SIZE + len(_AFTER)


class Signer:
    """Signs and verifies records by a key that all workers of a group share."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError for a key of more than 64 bytes."""
        self._start = blake2b(key=key, digest_size=SIZE)

    def sign(self, domain: str, record: bytes) -> bytes:
        """A record (a JSON object) for an entity of this domain, with its signature."""
        body = record[:-1]
        return b"".join((body, _BEFORE, self._digest(domain, body), _AFTER))

    def verifies(self, domain: str, record: bytes) -> bool:
        """Whether a record was signed by this key, for this domain."""
        body, signature = record[:-_LENGTH], record[-_LENGTH:]
        if not (signature.startswith(_BEFORE) and signature.endswith(_AFTER)):
            return False
        return hmac.compare_digest(signature[len(_BEFORE) : -len(_AFTER)], self._digest(domain, body))

    @property
    def fingerprint(self) -> str:
        """Tells one key from another, and does not give it away."""
        return self._digest("", b"fingerprint").decode()[:16]

    def _digest(self, domain: str, body: bytes) -> bytes:
        digest = self._start.copy()
        digest.update(b"%d %b" % (len(domain), domain.encode()))
        digest.update(body)
        return digest.hexdigest().encode()
