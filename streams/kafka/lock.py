"""
Writes `kafka.lock` anew, after a change of version here and in `jars.py`:

    python -m streams.kafka.lock > kafka.lock && mv kafka.lock streams/kafka/
"""

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from streams.kafka.jars import KAFKA_VERSION, maven_context

KAFKA = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl"
LOGGING_VERSION_OF = "log4j-core"


def lock() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        context = maven_context(Path(directory))
        inputs, transitive = context.resolver.resolve([context.create_dependency(KAFKA)])
        artifacts = [dependency.artifact for dependency in (*inputs, *transitive)]
        version = next(found.version for found in artifacts if found.artifactId == LOGGING_VERSION_OF)
        artifacts.append(context.create_dependency(f"{LOGGING}:{version}").artifact)
        for artifact in artifacts:
            digest = hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()
            yield f"{artifact.groupId}:{artifact.artifactId}:{artifact.version} {digest}"


if __name__ == "__main__":
    sys.stdout.write("# written by streams/kafka/lock.py\n")
    sys.stdout.writelines(f"{line}\n" for line in lock())
