"""The parts of a form that carries a return: its files, and what is said of them as JSON.

Each form is a model: it validates what `app.api.uploads` receives, and the document is made from it.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from app.services.calculation.json_body import parse_json
from app.services.problems import Fault, Problem
from app.services.returns.files import ReturnFile
from app.services.returns.request import ImportRequest
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Explained, Faults, Maybe, RequestModel, invalid, join

MAX_FILES = 100


class AsFile:
    """Annotate a part that is a file. The document shows the bytes of one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(ReturnFile)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "binary"}


class UnreadablePart(NamedTuple):
    """Stand for a part that should be JSON and is none: what is wrong with it."""

    fault: Fault


def read_json_part(text: bytes) -> object:
    """Return the JSON value of a part, parsed strictly, as a body is; UnreadablePart where it is none."""
    try:
        return parse_json(text)
    except Problem as problem:
        return UnreadablePart(problem.faults[0])


class AsJson:
    """Annotate a model that a part has as JSON. The document shows a text, and what is in it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._value, handler(source))

    def _value(self, part: object) -> object:
        if isinstance(part, UnreadablePart):
            raise invalid(part.fault.message, part.fault.remedy, private=True)
        return part

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": "application/json", "contentSchema": handler(schema)}


ReturnPart = Annotated[
    ReturnFile,
    AsFile(),
    Explained("this is no file", "send the part with a file name", private=True),
]


class ReturnForm(RequestModel):
    """The files of a return."""

    file: list[ReturnPart] = Field(
        min_length=1, max_length=MAX_FILES, description="The files of the return, each with its name."
    )

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong with its parts."""
        for name in type(self).model_fields:
            part = getattr(self, name)
            if isinstance(part, RequestModel):
                part.domain_faults(faults, snapshot, join(path, name))


class ImportForm(ReturnForm):
    """The files of a return, and what holds for all of them."""

    request: Maybe[Annotated[ImportRequest, AsJson()]] = Field(
        description="What holds for all files: the JSON of an ImportRequest."
    )
