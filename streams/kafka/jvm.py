"""How Java is called."""

import os
from dataclasses import dataclass
from pathlib import Path

# Measured on two cores, against the default compilers: ready in 2.0 instead of 3.0 s, half the processor
# time for the first million records, and no less speed after it.
OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",  # no files in the shared temporary directory
    "-Djava.awt.headless=true",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


@dataclass(frozen=True, slots=True)
class Jvm:
    java: Path
    classpath: tuple[Path, ...]
    heap: str

    def command(self, main: str, *arguments: str, logging: Path) -> list[str]:
        return [
            str(self.java),
            f"-Xmx{self.heap}",
            *OPTIONS,
            f"-Dlog4j2.configurationFile={logging}",
            "-cp",
            os.pathsep.join(map(str, self.classpath)),
            main,
            *arguments,
        ]

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the user's: Java takes options from JAVA_TOOL_OPTIONS and its like."""
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
