"""Whether an event still costs no more than so many times its plain decoding, on whatever machine this is.

    python -m bench.guard [--events 40000] [--runs 5]

One partition in memory takes ticket events by the whole catalogue; msgspec decodes the same records without a
look at them. They alternate, and the least CPU of each is taken: what disturbs a run only ever adds to it.
"""

import argparse
import sys
import time

import msgspec

from agents.catalogue import CATALOGUE
from bench.events import ticket_events
from bench.memory import Memory
from streams.compiled import active
from streams.worker import tame_garbage_collector

BOUND = 60.0
"Far enough above what was measured that only a change of the code gets there (see docs/performance.md)."

Events = list[tuple[bytes, bytes]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if not active():
        sys.exit("The hot path isn't compiled here, so there is nothing to compare: make .venv/.compiled")
    tame_garbage_collector()
    ratio = measure(options.events, options.runs)
    told = f"an event costs {ratio:.1f} times its decoding, at most {BOUND:g} allowed"
    sys.exit(f"Slower than it was: {told}.") if ratio > BOUND else sys.stdout.write(f"{told}\n")


def measure(number: int, runs: int) -> float:
    """How many times its decoding an event costs."""
    events = list(ticket_events(number))
    pairs = [(_decoded(events), Memory(CATALOGUE).take(events)) for _ in range(runs)]
    decoding, taking = (min(each) for each in zip(*pairs, strict=True))
    return taking / decoding


def _decoded(events: Events) -> float:
    """Seconds of CPU for one look at each record, as the least of three: it is short."""
    decode = msgspec.json.Decoder().decode
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        for _, value in events:
            decode(value)
        seconds.append(time.process_time() - begun)
    return min(seconds)


if __name__ == "__main__":
    main()
