"""A worker process without its supervisor, so that its CPU is its own. Its argument names metrics."""

import sys

from bench.selection import selected
from streams.settings import load
from streams.worker import run

if __name__ == "__main__":
    run(selected("".join(sys.argv[1:])), load(None))
