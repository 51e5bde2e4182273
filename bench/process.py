"""A worker process without its supervisor, so that its CPU is its own."""

from agents.catalogue import CATALOGUE
from streams.settings import load
from streams.worker import run

if __name__ == "__main__":
    run(CATALOGUE, load(None))
