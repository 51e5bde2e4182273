"""`dead-letters`: what could not be used, looked at and sent again."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from streams import moments
from streams.cli.options import Broker, Config, Json, settings_of
from streams.cli.output import note, tell, tell_json
from streams.cli.text import printable
from streams.errors import MetricLandError
from streams.kafka.produce import Whole, put_back
from streams.kafka.read import read_all
from streams.outlets.dead_letters import Letter, read_letter
from streams.settings import Settings

AGAIN = "metricland-resubmitted"
"The header of a record that was sent again: the place where it had been refused."

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
        return tell_json(_told(letter))
    for name, value in _told(letter).items():
        tell(printable(f"{name:9}  {value}"))
    return None


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
    letters = _chosen(_read(settings), places or (), reason, topic)
    if dry_run:
        for letter in letters:
            tell(printable(f"{letter.place}  {letter.reason}: {letter.detail}"))
        note(f"{len(letters):,} records would be sent again; nothing was")
        return
    asyncio.run(put_back(settings.broker, [_whole(letter) for letter in letters]))
    note(f"{len(letters):,} records sent again")


def _read(settings: Settings) -> dict[str, Letter]:
    """By place: a rebuild refuses the same record again."""

    async def read() -> dict[str, Letter]:
        topic = f"{settings.topics.prefix}dead-letters"
        letters = [read_letter(each.value) async for each in read_all(settings.bootstrap, topic)]
        return {letter.place: letter for letter in sorted(letters, key=lambda letter: letter.timestamp)}

    return asyncio.run(read())


def _chosen(
    letters: dict[str, Letter], places: Sequence[str], reasons: Sequence[str] | None, topic: str | None
) -> list[Letter]:
    if unknown := [place for place in places if place not in letters]:
        raise MetricLandError(f"there is no dead letter {', '.join(unknown)}: `dead-letters list` shows them")
    return [
        letter
        for letter in letters.values()
        if (not places or letter.place in places)
        and (not reasons or letter.reason in reasons)
        and (topic is None or letter.topic == topic)
    ]


def _told(letter: Letter) -> dict[str, object]:
    return {
        "place": letter.place,
        "came": moments.text(letter.timestamp * 1000),
        "reason": letter.reason,
        "detail": letter.detail,
        "key": _readable(letter.key),
        "headers": {name: _readable(value) for name, value in letter.record_headers},
        "value": _readable(letter.value),
    }


def _readable(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")


def _whole(letter: Letter) -> Whole:
    headers = [each for each in letter.record_headers if each[0] != AGAIN]
    mark = (AGAIN, letter.place.encode())
    return Whole(letter.topic, letter.partition, letter.key, letter.value, [*headers, mark])
