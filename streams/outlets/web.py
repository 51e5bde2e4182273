"""The worker's web pages: /metrics, /health/live, /health/ready. Faust's server is up during recovery."""

import time
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from streams.outlets.exporter import FigureCollector
from streams.outlets.health import health_of
from streams.outlets.operations import OperationsCollector
from streams.outlets.scrapes import Scrapes


def serve(app: Any) -> None:
    registry = CollectorRegistry(auto_describe=False)
    settings = app.settings
    figures = FigureCollector(app.plan.catalogue, settings.dimensions.shown, app.trailing)
    scrapes = Scrapes((figures, app.histograms), registry)
    registry.register(OperationsCollector(app))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)

    @app.page("/metrics")
    async def metrics(web: Any, request: Any) -> Any:
        if (silence := app.silence) is not None:
            return web.text(f"{silence}\n", status=503)
        if not _in_touch(app):
            # Somebody else may own its series by now.
            return web.text("no heartbeat within the session time-out\n", status=503)
        page = await scrapes.page(app.move_windows)
        return web.bytes(page, headers={"Content-Type": CONTENT_TYPE_LATEST})

    @app.page("/health/live")
    async def live(web: Any, request: Any) -> Any:
        return web.json({"live": True})

    @app.page("/health/ready")
    async def ready(web: Any, request: Any) -> Any:
        health = health_of(app)
        return web.json({"ready": health.ready, "reason": health.reason}, status=200 if health.ready else 503)


def _in_touch(app: Any) -> bool:
    beat = app.heartbeat
    return beat is None or time.monotonic() - beat < app.settings.consumer.session_timeout
