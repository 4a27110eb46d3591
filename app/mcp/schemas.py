"""Describe what a tool takes by parts of the published request models, small enough for an assistant's context."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.services.validation import RequestModel

Schema = dict[str, Any]
USEFUL = ("type", "description", "format", "enum", "minimum", "maximum", "default")
LISTS = {"/v1/profiles": "list_profiles", "/v1/event-types": "find", "/v1/duties": "find"}
"""Where an assistant learns the names that a published description gives an address for."""
FACTS: Schema = {"type": "object", "description": "Facts by their codes; describe_event names those that matter."}
"""An open object: the closed one lists a hundred properties. A wrong name is refused with the nearest ones."""


def input_schema(
    model: type[RequestModel], names: Iterable[str], required: Iterable[str] = (), parts: Iterable[str] = ()
) -> Schema:
    """Return the schema of some properties of a request; `parts` names the properties to show of objects inside it.

    What the model requires is required here too, and what `required` adds.
    """
    published = model.model_json_schema()
    shape = _Shape(published.get("$defs", {}), frozenset(parts))
    chosen = tuple(names)
    needed = [name for name in chosen if name in {*published.get("required", ()), *required}]
    return shape.object(published, chosen, needed)


class _Shape:
    """Shortens published schemas, following their references."""

    def __init__(self, definitions: dict[str, Schema], parts: frozenset[str]) -> None:
        self._definitions = definitions
        self._parts = parts

    def object(self, published: Schema, names: Iterable[str], required: list[str]) -> Schema:
        properties: dict[str, Any] = {name: self._property(published["properties"][name]) for name in names}
        return {"type": "object", "properties": properties, **({"required": required} if required else {})}

    def _property(self, published: Schema) -> Schema:
        reference = published.get("$ref")
        if reference is not None:
            name = str(reference).rpartition("/")[2]
            if name == "Facts":
                return dict(FACTS)
            target = self._definitions[name]
            chosen = [part for part in target["properties"] if part in self._parts]
            return self.object(target, chosen, [part for part in target.get("required", ()) if part in chosen])
        short = {key: published[key] for key in USEFUL if key in published}
        for address, tool in LISTS.items():
            short["description"] = short.get("description", "").replace(address, tool)
        if not short["description"]:
            del short["description"]
        if "items" in published:
            short["items"] = self._property(published["items"])
        return short
