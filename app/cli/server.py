"""`load` and `serve`."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.settings import Settings

GRACE_SECONDS = 30
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command()(load)
    cli.command()(serve)


def load(
    take_over: Annotated[
        list[str] | None,
        typer.Option(help="A profile or calendar key whose packaged version is to replace an authority's own."),
    ] = None,
) -> None:
    """Migrate the database and load the packaged profiles and calendars. Safe to repeat."""
    from app import __version__
    from app.cli.sources import write_context
    from app.services.publishing.calendar_versions import follow_all
    from app.services.snapshot.holder import SnapshotHolder
    from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
    from app.settings import Settings
    from app.store import grant_service_role, open_store, upgrade, verify_schema

    settings = Settings()
    url = settings.database_url
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    with open_store(url) as store:
        upgrade(store.engine)
        verify_schema(store.engine)
        if settings.service_role:
            grant_service_role(store.engine, settings.service_role)
        report = store.load_packaged(
            packaged_profiles(),
            packaged_calendars(),
            at=datetime.now(UTC),
            application_version=__version__,
            take_over=take_over or (),
        )
        live = SnapshotHolder(store, 1)
        live.refresh()
        followed = follow_all(live, write_context())
    for outcome in report.published:
        typer.echo(f"loaded {outcome.kind} {outcome.key}, version {outcome.version}")
    for item in followed:
        if item["why"]:
            typer.echo(f"left behind: calendar {item['key']}: {item['why']}", err=True)
        else:
            typer.echo(f"calendar {item['key']} follows, version {item['version']}")
    for outcome in report.held_back:
        typer.echo(f"left alone: {outcome.kind} {outcome.key} has versions of an authority's own", err=True)


def serve(
    host: Annotated[str, typer.Option(envvar="HOST", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", help="The port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option(envvar="WEB_CONCURRENCY", min=1, help="How many processes answer.")] = 1,
) -> None:
    """Serve over HTTP until SIGTERM; requests that have begun are answered before the end."""
    # What a start makes stays: to look through it for garbage takes a tenth of the start. The application enables it.
    gc.disable()
    import uvicorn

    from app.cli.metrics_server import metrics_server
    from app.services.observability.logging import configure
    from app.settings import Settings

    settings = Settings()
    configure(settings)
    verify_database(settings)
    with shared_metrics_dir(workers), metrics_server(host, settings.metrics_port, settings.stale_seconds):
        uvicorn.run(
            "app.main:create_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http="app.api.head_limits:HeadLimitProtocol",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )


def verify_database(settings: Settings) -> None:
    """Check the schema and its guards before any worker starts. Raises SchemaMismatch; one that is away is waited for.

    Each worker checks too, but all that a server says of a worker that failed is where.
    """
    from app.services.ports import StoreUnavailable
    from app.store import open_store

    with open_store(settings.database_url, settings.store_seconds) as store, suppress(StoreUnavailable):
        store.verify()


@contextmanager
def shared_metrics_dir(workers: int) -> Iterator[None]:
    """Provide a folder in which several workers add up their metrics. Set before any imports the metrics."""
    if workers == 1 or MULTIPROCESS in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="deadlines-metrics-") as folder:
        os.environ[MULTIPROCESS] = folder
        try:
            yield
        finally:
            del os.environ[MULTIPROCESS]
