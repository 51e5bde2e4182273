"""
What can go wrong, and who has to act:

* MetricLandError          one clear line for the user, exit 1
  x ConfigurationError     a setting is wrong: key, value, what is allowed
  x BrokerError            the broker refuses something, or has topics otherwise than they must be
    x BrokerAway           it doesn't answer: it may be worth while to wait
  x DefinitionsChanged     the state was written by other definitions
  x StateUnknown           what is in memory may be wrong: nothing may be written of it
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


class StateUnknown(MetricLandError):
    pass


class Refused(Exception):
    """A record that breaks a rule; `reason` is a code, `detail` a sentence.

    `alone`: it says nothing of other records, however many there are of its kind: such don't stop a worker.
    """

    def __init__(self, reason: str, detail: str, *, alone: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.alone = alone
