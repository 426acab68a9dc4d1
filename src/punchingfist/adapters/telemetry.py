"""Prometheus metrics and structured logs."""

import logging
import sys

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from punchingfist.domain.printable import escaped, printable

_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)


class PrometheusTelemetry:
    """Metrics in a registry of their own, so that two apps in one process do not meet."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._alerts = Counter(
            "punchingfist_alerts_processed_total",
            "Alerts committed, by source.",
            ["source"],
            registry=self._registry,
        )
        self._active = Gauge(
            "punchingfist_active_tasks", "Executions running now.", registry=self._registry
        )
        self._seconds = Histogram(
            "punchingfist_task_duration_seconds",
            "How long executions ran.",
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def alerts_processed(self, source: str, count: int) -> None:
        self._alerts.labels(source=source).inc(count)

    def task_started(self) -> None:
        self._active.inc()

    def task_ended(self, seconds: float) -> None:
        self._active.dec()
        self._seconds.observe(seconds)

    def render(self) -> tuple[bytes, str]:
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


def configure_logging(*, level: str, form: str) -> None:
    """
    Send every log line to stderr as *form*, `json` or `console`.

    Lines of other libraries pass through the same processors, so the incident
    and execution bound to the current context are on them too.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: list[structlog.typing.Processor] = (
        [structlog.processors.JSONRenderer()]
        if form == "json"
        else [_on_one_line, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                *last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx2", "httpcore2", "uvicorn.access", "alembic", "dbos"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def _on_one_line(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Keep outside text from writing lines of its own, and from driving a terminal."""
    for name, value in event.items():
        if name == "exception":
            event[name] = printable(str(value))
        elif isinstance(value, str):
            event[name] = escaped(value.replace("\n", "\\n"))
    return event
