"""`profiles words`: the shared events, facts and duties, all of a kind or those that a search finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.errors import FAULTS, fail
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, StoreOption, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.services.catalogue_lists import CatalogueQuery
    from app.services.snapshot.snapshot import Snapshot

KINDS = {"events": ("event_types", "type"), "facts": ("facts", "fact"), "duties": ("duties", "duty")}
SHOWN = 20


def words(
    search: Annotated[
        list[str] | None,
        typer.Argument(help="`events`, `facts` or `duties` to list or to search one kind, then the words to find."),
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Only what the rules of this profile use.")] = None,
    starts: Annotated[str | None, typer.Option(help="Only what stands in a rule with this duty.")] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=100, help="The most words to show of a search of all kinds.")
    ] = SHOWN,
    json: JsonOption = False,
    store: StoreOption = False,
) -> None:
    """Find the events, facts and duties that rules are written in, by what people call them.

    Words may stand in any order; abbreviations (LAC review, EHCP), beginnings and slips of typing are understood.
    """
    arguments = list(search or [])
    kind = arguments.pop(0) if arguments and arguments[0] in KINDS else None
    query = " ".join(arguments)
    snapshot = load_snapshot(store=store)
    if kind is not None:
        _one_kind(snapshot, kind, query, profile, starts, json=json)
    elif query.strip():
        _all_kinds(snapshot, query, profile, starts, limit, json=json)
    else:
        fail("nothing to find", "write words, such as: deadlines profiles words LAC review; or events, facts or duties")


def _all_kinds(
    snapshot: Snapshot, query: str, profile: str | None, starts: str | None, limit: int, *, json: bool
) -> None:
    from app.services import words as found_by

    result: dict[str, Any] = found_by.search(snapshot, query, None, profile, limit, starts)
    if json:
        as_json(result)
    elif result["words"]:
        rows = [
            (item["kind"], item["key"], item["definition"], ", ".join(item["profiles"]) or "none yet")
            for item in result["words"]
        ]
        table(("Kind", "Word", "Definition", "Used by"), rows)
    _stop_where_empty(result["words"], result["advice"], json=json)


def _one_kind(
    snapshot: Snapshot, kind: str, query: str, profile: str | None, starts: str | None, *, json: bool
) -> None:
    from app.services import catalogue_lists

    listed: dict[str, Callable[[Snapshot, CatalogueQuery], dict[str, Any]]] = {
        "events": catalogue_lists.list_event_types,
        "facts": catalogue_lists.list_facts,
        "duties": catalogue_lists.list_duties,
    }
    name, column = KINDS[kind]
    narrowed = {"q": query or None, "profile": profile, "starts": starts}
    answer = listed[kind](snapshot, catalogue_lists.CatalogueQuery.model_validate(narrowed))
    result = answer[name]
    if json:
        as_json({name: result})
    elif kind == "facts" and result:
        table(("Fact", "Values", "Definition"), [(item["fact"], _values(item), item["definition"]) for item in result])
    elif result:
        rows = [(item[column], item["definition"], ", ".join(item["profiles"]) or "none yet") for item in result]
        table((column.title(), "Definition", "Used by"), rows)
    _stop_where_empty(result, answer["advice"], json=json)


def _values(item: dict[str, Any]) -> str:
    return ", ".join(item["values"]) if item["type"] == "choice" else str(item["type"])


def _stop_where_empty(listed: list[Any], advice: str | None, *, json: bool) -> None:
    """End with a status of its own where nothing was found, after saying what to do next."""
    if listed:
        return
    if advice is not None and not json:
        typer.echo(advice)
    raise typer.Exit(FAULTS)
