"""OpenTelemetry traces, for who has set an endpoint; without one nothing of it is imported.

A span says which route, which method, which status and how long; never an address's parameters, a header, a body, a
fact or what an error says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

PROPAGATED = (b"traceparent", b"tracestate")


def provider(settings: Settings) -> TracerProvider:
    """Return what makes spans and sends them in the background. Raises ValueError without the extra `otel`."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as missing:
        raise ValueError("DEADLINES_OTEL_ENDPOINT needs the extra otel: practice-deadlines[otel]") from missing
    # Not Resource.create: it would read the machine's name and process into every span.
    made = TracerProvider(
        resource=Resource({"service.name": settings.otel_service_name, "service.version": __version__})
    )
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otel_endpoint, timeout=5)))
    return made


class Traced:
    """Makes one server span of every request, under the caller's own trace where it sent one."""

    def __init__(self, app: ASGIApp, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._app = app
        self._tracer = provider.get_tracer("practice-deadlines", __version__)
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request inside its span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode

        sent = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in PROPAGATED}
        method = scope["method"]
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._tracer.start_as_current_span(
            method,
            context=self._propagator.extract(sent),
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                await self._app(scope, receive, sending)
            finally:
                route = getattr(scope.get("route"), "path", "(none)")
                span.update_name(f"{method} {route}")
                attributes: dict[str, Any] = {
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": status,
                    "deadlines.request_id": scope.get("state", {}).get("request_id", ""),
                }
                span.set_attributes(attributes)
                if status >= 500:
                    span.set_status(Status(StatusCode.ERROR))
