"""Processes of the machine, as tests look at them."""

from pathlib import Path


def gone(pid: int) -> bool:
    """It has ended, whether or not somebody has taken note of it yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def command_lines() -> dict[int, str]:
    """Of every process that runs."""
    found = {}
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            try:
                told = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            found[int(directory.name)] = told
    return found
