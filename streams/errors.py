"""
What can go wrong, and who has to act:

* MetricLandError          one clear line for the user, exit 1
  x ConfigurationError     a setting is wrong: key, value, what is allowed
  x BrokerError            the broker refuses something, or has topics otherwise than they must be
    x BrokerAway           it doesn't answer: it may be worth while to wait
  x DefinitionsChanged     the state was written by other definitions
  x TooManyRefused         a partition's records are refused as by a mistake: nothing more is taken
* Refused                  this one record can't be used: to the dead letters with its reason
"""


class MetricLandError(Exception):
    """One clear line for the user."""


class ConfigurationError(MetricLandError):
    pass


class BrokerError(MetricLandError):
    pass


class BrokerAway(BrokerError):
    pass


class DefinitionsChanged(MetricLandError):
    pass


class TooManyRefused(MetricLandError):
    pass


class Refused(Exception):
    """A record that breaks a rule; `reason` is a code, `detail` a sentence.

    `full`: only because its entity has as much as it may have, which may go on for ever.
    """

    def __init__(self, reason: str, detail: str, *, full: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.full = full
