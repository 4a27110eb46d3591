"""`openapi` and `docs`: write the files that are generated from the code and the packaged profiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command()(openapi)
    cli.command()(docs)


def openapi(folder: Annotated[Path, typer.Argument(help="Where they are written.")] = Path("openapi")) -> None:
    """Write the OpenAPI document and the profile schema, without a server or a database."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents().items():
        (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        typer.echo(f"wrote {folder / name}")


def documents() -> dict[str, Any]:
    """Return the OpenAPI document of the default settings and the profile schema, by the name of their file."""
    from app.api.application import create_app
    from app.profiles.schema import profile_schema
    from app.services.snapshot.holder import SnapshotHolder
    from app.settings import Settings
    from app.store import open_store

    application = create_app(SnapshotHolder(open_store("sqlite:///data/none.db"), 60), Settings())
    return {"openapi.json": application.openapi(), "profile.schema.json": profile_schema()}


WRITTEN_BY_HAND = frozenset({"decisions"})
"""Pages next to the generated ones that no generator writes."""


def docs(folder: Annotated[Path, typer.Argument(help="Where they are written.")] = Path("docs/profiles")) -> None:
    """Write a page about each packaged profile: what its practice lead reads and signs off."""
    from app.services.exports.profile_report import profile_index, profile_report
    from app.services.snapshot.offline import packaged_snapshot

    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.md"):
        if stale.stem not in WRITTEN_BY_HAND:
            stale.unlink()
    snapshot = packaged_snapshot()
    pages = {key: profile_report(snapshot.profiles[key][-1].compiled()) for key in sorted(snapshot.profiles)}
    for key, page in pages.items():
        (folder / f"{key}.md").write_text(page, encoding="utf-8")
    (folder / "README.md").write_text(profile_index(snapshot), encoding="utf-8")
    typer.echo(f"wrote {len(pages) + 1} pages to {folder}")
