"""`dead-letters`: what could not be used, looked at and sent again."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from streams import moments
from streams.cli.options import Broker, Config, Json, settings_of
from streams.cli.output import note, tell, tell_json
from streams.cli.progress import Advance, progress
from streams.cli.text import printable
from streams.cli.waiting import reached, run
from streams.errors import MetricLandError
from streams.kafka.produce import Whole, put_back
from streams.kafka.read import read_all
from streams.outlets.dead_letters import AGAIN, Letter, read_letter
from streams.settings import Settings

dead_letters = typer.Typer(no_args_is_help=True, help="List, show and send again what could not be used.")

Reason = Annotated[list[str] | None, typer.Option("--reason", metavar="R", help="Only with this reason.")]
Topic = Annotated[str | None, typer.Option("--topic", metavar="T", help="Only of this topic.")]
Places = Annotated[list[str] | None, typer.Argument(metavar="PLACE...", help="topic/partition/offset")]


@dead_letters.command("list")
def list_(
    context: typer.Context,
    reason: Reason = None,
    topic: Topic = None,
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """A line for each record that could not be used: its place, when it came, why.

    One that was sent again and refused again is listed once, at its last place.

    \b
    metricland dead-letters list
    metricland dead-letters list --reason not_json --topic cx.NAME
    """
    settings = settings_of(context, config, {"broker": broker})
    for letter in _chosen(_read(settings), (), reason, topic):
        if as_json:
            tell_json(_told(letter), indent=0)
        else:
            at = moments.text(letter.timestamp * 1000)
            tell(printable(f"{letter.place}  {at}  {letter.reason}: {letter.detail}"))


@dead_letters.command()
def show(
    context: typer.Context,
    place: Annotated[str, typer.Argument(metavar="PLACE", help="topic/partition/offset, as `list` says it.")],
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """One record that could not be used, whole.

    \b
    metricland dead-letters show cx.NAME/2/1017
    """
    settings = settings_of(context, config, {"broker": broker})
    (letter,) = _chosen(_read(settings), [place], None, None)
    if as_json:
        tell_json(_told(letter) | {"value_base64": letter.value_base64})
        return
    for name, value in _told(letter).items():
        tell(printable(f"{name:9}  {value}"))


@dead_letters.command()
def resubmit(
    context: typer.Context,
    places: Places = None,
    reason: Reason = None,
    topic: Topic = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")] = False,
    config: Config = None,
    broker: Broker = None,
) -> None:
    """Send records again, as they were, to the topics where they had been refused.

    What has become usable counts, once, however often it is sent: its id is the same. What is still wrong is
    refused again.

    \b
    metricland dead-letters resubmit cx.NAME/2/1017
    metricland dead-letters resubmit --reason in_future --dry-run
    """
    if not (places or reason or topic or every):
        raise typer.BadParameter("name places, a --reason or a --topic, or say --all")
    settings = settings_of(context, config, {"broker": broker})
    chosen = _chosen(_read(settings), places or (), reason, topic)
    letters = [letter for letter in chosen if not letter.left_out]
    if kept_back := len(chosen) - len(letters):
        note(f"{kept_back:,} records were too large for a dead letter and are left where they are")
    if dry_run:
        for letter in letters:
            tell(printable(f"{letter.place}  {letter.reason}: {letter.detail}"))
        note(f"{len(letters):,} records would be sent again; nothing was")
        return
    with progress("sending", len(letters)) as advance:
        asyncio.run(_put_back(settings, letters, advance))
    note(f"{len(letters):,} records sent again")


async def _put_back(settings: Settings, letters: list[Letter], advance: Advance) -> None:
    await reached(settings.bootstrap)
    await put_back(settings.broker, [_whole(letter) for letter in letters], advance, note)


def _read(settings: Settings) -> list[Letter]:
    """In the order of their records. A rebuild refuses a record again: that is one letter."""

    async def read() -> list[Letter]:
        topic, found, strange = f"{settings.topics.prefix}dead-letters", {}, 0
        async for record in read_all(settings.bootstrap, topic):
            if letter := read_letter(record.value):
                found[letter.place] = letter
            else:
                strange += 1
        if strange:
            note(f"{strange:,} records of {topic} are no dead letters, and left out")
        return sorted(found.values(), key=lambda letter: (letter.timestamp, letter.offset))

    return run(settings.bootstrap, read)


def _chosen(
    letters: list[Letter], places: Sequence[str], reasons: Sequence[str] | None, topic: str | None
) -> list[Letter]:
    """Those that are named; without names each record where it was refused last."""
    named = {letter.place: letter for letter in letters}
    if unknown := [place for place in places if place not in named]:
        raise MetricLandError(f"there is no dead letter {', '.join(unknown)}: `dead-letters list` shows them")
    among = [named[place] for place in dict.fromkeys(places)] or _last(letters)
    return [
        letter
        for letter in among
        if (not reasons or letter.reason in reasons) and (topic is None or letter.topic == topic)
    ]


def _last(letters: list[Letter]) -> list[Letter]:
    """What was sent again and refused again is one record: else each sending of all would double it."""
    return list({letter.origin: letter for letter in letters}.values())


def _told(letter: Letter) -> dict[str, object]:
    return {
        "place": letter.place,
        "came": moments.text(letter.timestamp * 1000),
        "reason": letter.reason,
        "detail": letter.detail,
        "key": _readable(letter.key),
        "headers": [[name, _readable(value)] for name, value in letter.record_headers],
        "value": _readable(letter.value),
        **({"left_out": letter.left_out} if letter.left_out else {}),
    }


def _readable(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")


def _whole(letter: Letter) -> Whole:
    headers = [each for each in letter.record_headers if each[0] != AGAIN]
    mark = (AGAIN, letter.origin.encode())
    return Whole(letter.topic, letter.partition, letter.key, letter.value, [*headers, mark])
