"""Faust's settings, as they must be for what is built on it to hold."""

from typing import Any

from streams.errors import ConfigurationError
from streams.settings import Settings

MUST_HOLD = (
    "consumer_auto_offset_reset",
    "processing_guarantee",
    "producer_threaded",
    "stream_wait_empty",
    "table_standby_replicas",
    "topic_allow_declare",
    "topic_disable_leader",
    "web_tables_enabled",
    "web_graph_enabled",
)
"Settings that must have our values: Faust lets environment variables override what an app is given."


def faust_settings(settings: Settings) -> dict[str, Any]:
    consumer = settings.consumer
    return {
        "broker": settings.broker,
        "store": "memory://",
        "processing_guarantee": "at_least_once",
        "topic_partitions": settings.topics.partitions,
        "topic_replication_factor": settings.topics.replication,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "table_standby_replicas": 0,
        "stream_buffer_maxsize": 8,
        "stream_wait_empty": True,
        "broker_commit_interval": 3600.0,
        "broker_session_timeout": consumer.session_timeout,
        "broker_heartbeat_interval": consumer.heartbeat_interval,
        "broker_rebalance_timeout": consumer.rebalance_timeout,
        "broker_request_timeout": 30.0,
        "broker_max_poll_records": None,
        "consumer_auto_offset_reset": "none",
        "consumer_max_fetch_size": settings.fetch.max_bytes_per_partition,
        "producer_threaded": False,
        "web_enabled": True,
        "web_host": settings.web.host,
        "web_bind": settings.web.host,
        "web_port": settings.web.port,
        "web_router_enabled": False,
        "web_tables_enabled": False,
        "web_graph_enabled": False,
        "web_stats_enabled": False,
        "web_metrics_enabled": False,
        "worker_redirect_stdouts": False,
    }


def check_effective(conf: Any, settings: Settings) -> None:
    """Raises ConfigurationError where the environment has overridden what must hold."""
    wanted = faust_settings(settings)
    for name in MUST_HOLD:
        has, wants = getattr(conf, name), wanted[name]
        if getattr(has, "value", has) != wants:
            raise ConfigurationError(
                f"Faust's setting {name} is {has!r}, expected {wants!r}: unset the environment variable "
                f"{name.upper()}."
            )
