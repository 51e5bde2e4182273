"""`python -m grafana.boards`: write all boards."""

from pathlib import Path

from grafana.boards import boards

DASHBOARDS = Path(__file__).parents[1] / "dashboards"


def main() -> None:
    for name, text in boards().items():
        (DASHBOARDS / name).write_text(text)


if __name__ == "__main__":
    main()
