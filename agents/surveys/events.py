"""What is said of an answer sheet on `cx.surveys`."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct

from agents.fields import Number, links
from agents.surveys.scores import millionths
from streams.errors import Refused
from streams.events import LONGEST_ID, Text

LARGEST = 10**9
DEFAULT_SCALES = {"csat": (1, 5), "csa": (1, 5), "ces": (1, 7), "nps": (0, 10)}


class Sent(Struct, omit_defaults=True):
    survey: Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
    customer_id: Text = UNSET
    ticket_id: Text = UNSET
    agent_id: Text = UNSET
    channel: Text = UNSET
    team: Text = UNSET
    tier: Text = UNSET
    touchpoint: Text = UNSET


class Responded(Sent, kw_only=True, omit_defaults=True):
    score: int | float
    scale_min: Number = UNSET
    scale_max: Number = UNSET


class Withdrawn(Struct, omit_defaults=True):
    survey: Text = UNSET


def scale(answer: Responded) -> tuple[float, float]:
    """The scale that an answer was given on. Raises Refused for one that makes no sense."""
    default = DEFAULT_SCALES.get(answer.survey, (None, None))
    low = answer.scale_min if isinstance(answer.scale_min, int | float) else default[0]
    high = answer.scale_max if isinstance(answer.scale_max, int | float) else default[1]
    if low is None or high is None:
        raise Refused("bad_scale", f"survey {answer.survey!r} must bring scale_min and scale_max")
    if not -LARGEST <= low < high <= LARGEST:
        raise Refused(
            "bad_scale", f"scale {low} to {high}, expected scale_min < scale_max, both within {LARGEST:,}"
        )
    if millionths(low) == millionths(high):
        raise Refused("bad_scale", f"scale {low} to {high}, expected a millionth between its ends")
    if answer.survey == "nps" and (low, high) != (0, 10):
        raise Refused("bad_scale", f"nps on a scale of {low} to {high}, expected 0 to 10")
    return low, high


check_sending = links("ticket_id")


def check(answer: Responded) -> None:
    check_sending(answer)
    low, high = scale(answer)
    if not low <= answer.score <= high:
        raise Refused("score_out_of_scale", f"score {answer.score}, expected {low} to {high}")
    if answer.survey == "nps" and answer.score != int(answer.score):
        raise Refused("score_out_of_scale", f"score {answer.score}, expected an integer from 0 to 10")
