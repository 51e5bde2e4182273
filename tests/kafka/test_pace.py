"""When checkpoints are due, by a clock that stands still."""

import pytest

from streams.kafka.pace import BEHIND, LITTLE, PARTS, SETTLING, Pace
from streams.settings.sections import Checkpoint
from streams.state.checkpoint import Half

SETTINGS = Checkpoint(linger=0.2, interval=1.0)
WALL = 1_790_000_000.0
"A beat."


def taken(pace: Pace, at: float, *halves: Half) -> bool:
    return pace.took(at, {half: int(half in halves) for half in Half})


def due(
    pace: Pace, unwritten: int = 1, *, hurried: bool = False, behind: bool = False, now: float = 0.0
) -> dict[Half, float]:
    """The monotonic clock began at a beat."""
    return pace.due(WALL + now, now, unwritten, hurried=hurried, behind=behind)


@pytest.mark.parametrize(("at", "beat"), [(0.01, 0.2), (0.05, 0.2), (0.19, 0.2), (0.21, 0.4), (7.5, 7.6)])
def test_inputs_are_written_on_beats(at: float, beat: float) -> None:
    """So all partitions write them together, in whatever process."""
    pace = Pace(SETTINGS)
    assert taken(pace, at, Half.INPUTS)
    assert not taken(pace, at + 0.01, Half.INPUTS)
    assert due(pace, now=at) == {Half.INPUTS: pytest.approx(beat, abs=1e-6)}


@pytest.mark.parametrize(
    ("unwritten", "hurried", "behind", "beat"),
    [
        (LITTLE + 1, False, False, 1.0),
        (LITTLE + 1, True, False, 1.0 / PARTS),
        (LITTLE, True, False, 0.2),
        (1, True, True, 0.03 + BEHIND),
    ],
)
def test_the_more_there_is_the_rarer_are_beats(
    unwritten: int, hurried: bool, behind: bool, beat: float
) -> None:
    """Unless somebody waits to be told of an instant that has passed, and more is not left to read."""
    pace = Pace(SETTINGS)
    taken(pace, 0.03, Half.INPUTS)
    found = due(pace, unwritten, hurried=hurried, behind=behind)
    assert found == {Half.INPUTS: pytest.approx(beat, abs=1e-6)}


def test_contributions_are_written_soon_after_the_first() -> None:
    pace = Pace(SETTINGS)
    taken(pace, 0.25, Half.CONTRIBUTIONS)
    assert due(pace) == {Half.CONTRIBUTIONS: pytest.approx(0.25 + SETTLING)}


def test_the_longer_checkpoints_take_the_longer_others_are_waited_for() -> None:
    """All begin on the same beat and end one after the other."""
    pace = Pace(SETTINGS)
    taken(pace, 0.25, Half.CONTRIBUTIONS)
    for seconds, settling in ((0.06, 0.03), (0.001, SETTLING), (7.0, 0.2 / 2)):
        pace.lasted(seconds, Half.INPUTS)
        pace.lasted(3.0, Half.CONTRIBUTIONS)
        assert due(pace) == {Half.CONTRIBUTIONS: pytest.approx(0.25 + settling)}


def test_contributions_that_keep_coming_are_not_written_one_by_one() -> None:
    pace = Pace(SETTINGS)
    pace.wrote(0.25, Half.CONTRIBUTIONS)
    taken(pace, 0.26, Half.CONTRIBUTIONS)
    assert due(pace) == {Half.CONTRIBUTIONS: pytest.approx(0.25 + 0.2 / 2)}
    assert due(pace, behind=True) == {Half.CONTRIBUTIONS: pytest.approx(0.25 + BEHIND)}


def test_a_half_that_was_written_is_due_again_after_more_was_taken() -> None:
    pace = Pace(SETTINGS)
    taken(pace, 0.1, *Half)
    pace.wrote(0.2, Half.INPUTS)
    assert due(pace).keys() == {Half.CONTRIBUTIONS}
    assert taken(pace, 0.3, *Half)
    assert due(pace).keys() == set(Half)
    pace.wrote(0.4, None)
    assert due(pace) == {}


def test_without_a_linger_all_is_due_at_once() -> None:
    pace = Pace(Checkpoint(linger=0.0))
    taken(pace, 0.1, *Half)
    assert due(pace) == dict.fromkeys(Half, pytest.approx(0.1))
