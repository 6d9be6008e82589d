"""Errors to Sentry and traces to an OpenTelemetry collector, where they are configured. Both are optional extras."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from iqx import __version__
from iqx.core import logs

_started: set[str] = set()


def start(kind: str) -> None:
    """Send what this process has to tell from now on, if anybody wants to hear it; once per process.

    Raises:
        ImproperlyConfigured: it is wanted, and the packages for it are not installed.
    """
    if settings.SENTRY_DSN and "sentry" not in _started:
        _start_sentry(kind)
        _started.add("sentry")
    if settings.OTLP_ENDPOINT and "traces" not in _started:
        _start_traces(kind)
        _started.add("traces")


def _start_sentry(kind: str) -> None:
    try:
        import sentry_sdk
        from sentry_sdk.integrations.django import DjangoIntegration
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured("IQX_SENTRY_DSN needs `pip install iqx[telemetry]`") from error
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=f"iqx@{__version__}",
        environment="production" if settings.PRODUCTION else "sandbox",
        server_name=kind,
        send_default_pii=False,
        include_local_variables=False,  # they hold passwords while somebody logs in
        max_request_body_size="never",
        traces_sample_rate=settings.SENTRY_TRACES,
        integrations=[DjangoIntegration(middleware_spans=False)],
        before_send=_cleaned,
    )


def _cleaned(event: Any, _hint: Any) -> Any:  # noqa: ANN401 as Sentry's own types have it
    """An event with the id of its request, and without secrets in any of its texts."""
    event.setdefault("tags", {})["request_id"] = logs.request_id.get()
    event["tags"]["trade"] = logs.trade_id.get()
    request = event.get("request", {})
    for private in ("cookies", "data", "env", "query_string", "headers"):
        request.pop(private, None)
    return _redacted(event)


def _redacted(part: Any) -> Any:  # noqa: ANN401 any JSON
    if isinstance(part, str):
        return logs.redact(part)
    if isinstance(part, dict):
        return {name: _redacted(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_redacted(value) for value in part]
    return part


def _start_traces(kind: str) -> None:
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.django import DjangoInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured("IQX_OTLP_ENDPOINT needs `pip install iqx[telemetry]`") from error
    provider = TracerProvider(resource=Resource({"service.name": f"iqx-{kind}", "service.version": __version__}))
    exporter = OTLPSpanExporter(f"{settings.OTLP_ENDPOINT.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument(response_hook=_name_request)


def _name_request(span: Any, _request: object, _response: object) -> None:  # noqa: ANN401 an optional package's
    span.set_attribute("iqx.request_id", logs.request_id.get())
