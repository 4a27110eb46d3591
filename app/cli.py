"""The command line: `deadlines`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app import __version__
from app.service.settings import Settings

cli = typer.Typer(
    name="deadlines", help="Due dates from children's social care practice standards.", no_args_is_help=True
)


@cli.command()
def load() -> None:
    """Migrate the database and load what comes with the application; repeating it changes nothing."""
    from app.service.packaging import packaged_calendars, packaged_profiles
    from app.store import open_store, upgrade

    url = Settings().database_url
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    with open_store(url) as store:
        upgrade(store.engine)
        report = store.load_packaged(
            packaged_profiles(), packaged_calendars(), at=datetime.now(UTC), application_version=__version__
        )
    for outcome in report.published:
        typer.echo(f"loaded {outcome.kind} {outcome.key}, version {outcome.version}")
    for outcome in report.held_back:
        typer.echo(f"left alone: {outcome.kind} {outcome.key} has versions of an authority's own", err=True)


@cli.command()
def serve(
    host: Annotated[str, typer.Option(envvar="HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT")] = 8000,
    workers: Annotated[int, typer.Option(envvar="WEB_CONCURRENCY", min=1)] = 1,
) -> None:
    """Serve over HTTP."""
    import uvicorn

    uvicorn.run("app.main:app", host=host, port=port, workers=workers, access_log=False, server_header=False)


@cli.command()
def openapi(folder: Annotated[Path, typer.Argument()] = Path("openapi")) -> None:
    """Write the OpenAPI document, without a server or a database."""
    from app.api.application import create_app
    from app.service.live import Live
    from app.store import open_store

    app = create_app(Live(open_store("sqlite:///data/none.db"), 60), Settings())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openapi.json").write_text(
        json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def main() -> None:
    """The console script."""
    cli()


if __name__ == "__main__":
    main()
