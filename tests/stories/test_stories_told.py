"""Every story, in the order it is told and in others, says what is expected of it."""

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.catalogue import CATALOGUE, build_catalogue
from agents.definitions import Definitions
from streams.batch import Batch
from tests.oracle.compare import differences
from tests.oracle.figures import METRICS
from tests.oracle.figures import figures as oracle_figures
from tests.promise import by_parts
from tests.stories.telling import Moment, Story, figure, stories

HERE = Path(__file__).parent
TOLD = [(path.stem, story) for path in sorted(HERE.glob("*.txt")) for story in stories(path)]
NAMES = {metric.name for metric in CATALOGUE.metrics}

each_story = pytest.mark.parametrize(
    ("file", "story"), TOLD, ids=[f"{file}:{story.line} {story.title}" for file, story in TOLD]
)


@each_story
def test_a_story(file: str, story: Story) -> None:
    definitions = Definitions.model_validate(story.definitions)
    assert story.moments, f"{file}.txt:{story.line}: nothing is expected"
    for moment in story.moments:
        figures = _batch(definitions, moment, moment.events)
        place = f"{file}.txt:{moment.line}"
        for expected in moment.figures:
            assert expected.key.split("|")[0] in NAMES, place
            found = figures.get(expected.key)
            if expected.fields is None:
                assert found is None, f"{place}: {expected.key}"
            else:
                told = {name: (found or {}).get(name) for name in expected.fields}
                assert told == pytest.approx(expected.fields, abs=1e-6), f"{place}: {expected.key}"


@each_story
def test_a_story_is_the_same_in_any_order_and_told_twice(file: str, story: Story) -> None:
    definitions, chance = Definitions.model_validate(story.definitions), random.Random(story.title)
    for moment in story.moments:
        if len({(event["source"], event["id"]) for event in moment.events}) == len(moment.events):
            shuffled = chance.sample(moment.events * 2, 2 * len(moment.events))
            told = _batch(definitions, moment, shuffled)
            assert told == _batch(definitions, moment, moment.events), f"{file}.txt:{moment.line}"


@each_story
def test_the_third_computation_says_the_same(file: str, story: Story) -> None:
    if story.definitions:
        pytest.skip("it knows the defaults only")
    for moment in story.moments:
        if moment.refused:
            continue  # it takes valid events only
        figures = by_parts(_batch(Definitions(), moment, moment.events))
        known = {key: told for key, told in figures.items() if key[0] in METRICS}
        expected = oracle_figures(list(moment.events), at=moment.now, metrics=METRICS & NAMES)
        if known or expected:
            assert differences(expected, known) == [], f"{file}.txt:{moment.line}"


def test_no_two_stories_have_one_title() -> None:
    titles = [story.title for _, story in TOLD]
    assert sorted(titles) == sorted(set(titles))


@pytest.mark.parametrize("line", ["resolved at ten", "reopen_rate 1 / 1 / 1", "csat [week 3] 1/1", "csat"])
def test_what_is_neither_an_event_nor_a_figure_is_told(line: str) -> None:
    with pytest.raises(ValueError, match=r"metric value|is no value|is no pane"):
        figure(line)


def _batch(definitions: Definitions, moment: Moment, events: Any) -> dict[str, dict[str, Any]]:
    batch = Batch(build_catalogue(definitions))
    batch.take(msgspec.json.encode(event) for event in events)
    assert {refused.reason for _, refused in batch.refused} == set(moment.refused)
    return batch.figures(None if moment.now is None else int(moment.now.timestamp() * 1_000_000))
