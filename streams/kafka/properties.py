"""What one node of the embedded broker is told: Kafka's properties and its log's."""

from collections.abc import Mapping, Sequence

from streams.kafka.places import LOOPBACK, Place

MEBIBYTE = 1024 * 1024
LARGEST_MESSAGE = 16 * MEBIBYTE

# Each partition of these costs files and a coordinator's start; few suffice for one machine.
INTERNAL_PARTITIONS = 8

# A group that is away longer than this loses its offsets while its topics stay: it would start anew on top
# of what it has already done. Kafka's default is a week, which a kept directory easily sleeps through.
OFFSETS_RETENTION_MINUTES = 5 * 366 * 24 * 60

# A node that was killed isn't let in again before its old session has run out. Kafka's default is 9 s.
SESSION_MS = 4_000
HEARTBEAT_MS = 1_000


def node_properties(place: Place, cluster: Sequence[Place], settings: Mapping[str, str]) -> dict[str, str]:
    """`settings` win over everything here."""
    return _network(place, cluster) | _replication(len(cluster)) | _sizes() | dict(settings)


def _network(place: Place, cluster: Sequence[Place]) -> dict[str, str]:
    voters = (f"{each.node}@{LOOPBACK}:{each.controller_port}" for each in cluster)
    return {
        "process.roles": "broker,controller",
        "node.id": str(place.node),
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listeners": f"PLAINTEXT://{place.address},CONTROLLER://{LOOPBACK}:{place.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{place.address}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(place.data),
    }


def _replication(nodes: int) -> dict[str, str]:
    factor = str(min(3, nodes))
    in_sync = str(max(1, min(3, nodes) - 1))
    return {
        "auto.create.topics.enable": "false",
        "broker.session.timeout.ms": str(SESSION_MS),
        "broker.heartbeat.interval.ms": str(HEARTBEAT_MS),
        "default.replication.factor": factor,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": factor,
        "offsets.topic.num.partitions": str(INTERNAL_PARTITIONS),
        "offsets.retention.minutes": str(OFFSETS_RETENTION_MINUTES),
        "transaction.state.log.replication.factor": factor,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": str(INTERNAL_PARTITIONS),
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
    }


def _sizes() -> dict[str, str]:
    """Large records, few threads: the clients share the machine."""
    return {
        "message.max.bytes": str(LARGEST_MESSAGE),
        "replica.fetch.max.bytes": str(LARGEST_MESSAGE),
        "replica.fetch.response.max.bytes": str(2 * LARGEST_MESSAGE),
        "log.cleaner.dedupe.buffer.size": str(16 * MEBIBYTE),
        "num.network.threads": "2",
        "num.io.threads": "4",
        "background.threads": "2",
        "group.coordinator.threads": "1",
    }


def logging_properties(place: Place) -> dict[str, str]:
    appender = "appender.file"
    return {
        "rootLogger.level": "INFO",
        "rootLogger.appenderRef.file.ref": "file",
        f"{appender}.type": "RollingFile",
        f"{appender}.name": "file",
        f"{appender}.fileName": str(place.log),
        f"{appender}.filePattern": f"{place.log}.%i",
        f"{appender}.layout.type": "PatternLayout",
        f"{appender}.layout.pattern": "%d{ISO8601} %-5p %c{1}: %m%n",
        f"{appender}.policies.type": "Policies",
        f"{appender}.policies.size.type": "SizeBasedTriggeringPolicy",
        f"{appender}.policies.size.size": "10MB",
        f"{appender}.strategy.type": "DefaultRolloverStrategy",
        f"{appender}.strategy.max": "3",
    }


def render(properties: Mapping[str, str]) -> str:
    """In Java's properties format, where a backslash escapes."""
    return "".join(f"{key}={_escaped(value)}\n" for key, value in properties.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\")
