"""All benchmarks, one after the other.

    python -m bench [--only peers,live] [--runs 3] [--json]

Each is a command of its own with more options: `python -m bench.peers --help`. With --json a line for each,
its name and what it found.
"""

import argparse
import json
import subprocess
import sys

FIGURES = {
    "peers": ("the same job in other engines and in ours", ("bench.peers",)),
    "throughput": (
        "the whole catalogue, by one, two and four processes",
        ("bench.throughput", "--processes=1,2,4"),
    ),
    "basic": ("eight metrics", ("bench.throughput", "--metrics=basic")),
    "open": ("few and many open tickets", ("bench.open_tickets",)),
    "rocksdb": ("the same, their rows on disk", ("bench.open_tickets", "--store=rocksdb")),
    "live": ("a steady rate: CPU of an event, age of figures", ("bench.live",)),
    "live-peers": ("the same with the metrics of the peers' job", ("bench.live", "--metrics=peers")),
    "deadlines": ("many deadlines in one second", ("bench.deadlines",)),
    "scrape": ("a scrape of many series", ("bench.scrape",)),
    "recovery": ("ready again, and taken over", ("bench.recovery",)),
    "calendars": ("look-ups in a business calendar", ("bench.calendars",)),
}
REPEATED = frozenset({"peers", "throughput", "basic", "open", "rocksdb", "scrape"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(FIGURES), metavar="NAMES", help=", ".join(FIGURES))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := ", ".join(name for name in names if name not in FIGURES):
        parser.error(f"no benchmark is named {unknown}: expected {', '.join(FIGURES)}")
    failed = [name for name in names if not _run(name, options)]
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def _run(name: str, options: argparse.Namespace) -> bool:
    title, (module, *arguments) = FIGURES[name]
    command = [sys.executable, "-m", module, *arguments]
    if name in REPEATED:
        command.append(f"--runs={options.runs}")
    if not options.json:
        sys.stdout.write(f"\n{name}: {title}\n")
        sys.stdout.flush()
        return subprocess.run(command, check=False).returncode == 0
    done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return False
    sys.stdout.write(json.dumps({"benchmark": name, "found": json.loads(done.stdout)}) + "\n")
    sys.stdout.flush()
    return True


if __name__ == "__main__":
    main()
