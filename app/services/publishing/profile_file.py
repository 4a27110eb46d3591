"""Read a profile document from a file, whatever its form, and find where in the file each part of it is.

TOML is the form that is taught; JSON is what the store and the API pass on; a workbook and the CSV of its sheet of
rules are for those who work in a spreadsheet. All of them become the same JSON document, which is validated once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from app.documents.faults import Fault, Location
from app.profiles.document import as_json
from app.profiles.positions import Positions, Span, syntax_span
from app.profiles.toml_mistakes import Explained, explain
from app.services.calculation.json_body import parse_json
from app.services.ports import JsonObject
from app.services.problems import Problem, summarise
from app.services.publishing.storable_document import read_document
from app.services.publishing.validation import Validation, validate
from app.services.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from app.services.workbook import WorkbookDocument

Form = Literal["toml", "xlsx", "csv", "json"]
MEDIA_TYPES: Mapping[str, Form] = {
    "application/toml": "toml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
}
"""The media types of the files that a profile is written in."""
Locate = Callable[[Iterable[Fault]], Iterable[Fault]]
"""Returns faults of the document with their places in the file, without those that the file's own faults explain."""
QUOTED = re.compile(r"'(?P<name>[^']+)'")
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
START = Location(1, 1)
CELLS_WOULD_BE_LOST = (
    "Nothing was stored: a draft holds only what can be read, and some cells of the file cannot. Correct them in the "
    "file, and send it again."
)
SAVE_AS_TEXT = "write the profile in a text editor and save it as .toml, or fill in the workbook"


@dataclass(frozen=True)
class ProfileFile:
    """A profile document and its places in the file it was read from.

    `faults` and `warnings` are of the file itself; without a document, the faults say why there is none.
    """

    document: JsonObject | None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    locate: Locate = tuple

    def validate(self, snapshot: Snapshot, key: str | None = None) -> Validation:
        """Validate the document as `app.services.publishing.validation` does, with each fault's place in the file."""
        if self.document is None:
            return Validation({}, {}, "", None, None, self.faults, self.warnings)
        validation = validate(self.document, snapshot, key)
        return replace(
            validation,
            errors=(*self.faults, *self.locate(validation.errors)),
            warnings=(*self.warnings, *self.locate(validation.warnings)),
        )

    def require_document(self) -> JsonObject:
        """Return the document. Raises Problem where the file, or a cell of it, could not be read.

        What stands in such a cell is not in the document: stored, it would be gone, and its fault with it.
        """
        if self.document is None:
            raise Problem("invalid-request", summarise(self.faults), self.faults)
        if self.faults:
            raise Problem("invalid-request", CELLS_WOULD_BE_LOST, self.faults)
        return self.document


@dataclass(frozen=True, slots=True)
class SentFile:
    """The bytes of a file and their form."""

    data: bytes
    form: Form

    def read(self, head: JsonObject) -> ProfileFile:
        """Read the file. What is wrong with it is in its faults; nothing is raised.

        `head` is what a sheet of rules alone lacks: the document that its rules replace those of.
        """
        if self.form == "xlsx":
            return _workbook(self.data)
        text = decode(self.data, table=self.form == "csv")
        if isinstance(text, Fault):
            return ProfileFile(None, (text,))
        if self.form == "toml":
            return toml_file(text)
        return _json_file(text) if self.form == "json" else _sheet_of_rules(text, head)


def decode(data: bytes, *, table: bool = False) -> str | Fault:
    """Return a file's text, with Unix line endings and without a byte order mark; or the fault that it is no text.

    `table`: it is a CSV, for which Excel has a choice of its own that saves it as UTF-8.
    """
    if data.startswith((ZIP, OLD_OFFICE)):
        return Fault("", "this is a file of a word processor or spreadsheet, not a text", SAVE_AS_TEXT, location=START)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[: error.start].rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        return Fault(
            "",
            "this is not UTF-8 text",
            "save it as CSV UTF-8" if table else "save it as UTF-8",
            location=Location(line, column),
        )
    if not text.strip():
        return Fault("", "the file is empty", "begin with: deadlines profiles new my-council", location=START)
    return text


def toml_file(text: str) -> ProfileFile:
    """Read a profile's TOML text."""
    try:
        document = as_json(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        message, span = syntax_span(str(error), text)
        return _not_toml(explain(message, text, span))
    except (ValueError, RecursionError):
        # A number of thousands of digits, or lists within lists: the reader gives up without a place.
        said = "this is not TOML: a number is too long, or the text is nested too deeply"
        return _not_toml([(said, "see docs/profile-format.md", Span(1, 1, 1))])
    return _read_file_document(document, TomlPlaces(text).located)


class TomlPlaces:
    """Where the faults of a TOML text are. It is parsed again only where there is one."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self._text)

    def located(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return faults with their places."""
        return [replace(fault, location=self._location(fault)) for fault in faults]

    def _location(self, fault: Fault) -> Location:
        """Return a fault's place: of an unknown name the name itself, be it a key or one of several texts."""
        place = self._positions.place(fault.path)
        quoted = QUOTED.search(fault.message)
        named = quoted is not None and fault.path.rpartition(".")[2] == quoted["name"]
        span = place.key if named else place.value
        if quoted is not None and not named:
            span = self._positions.text_in(fault.path, quoted["name"]) or span
        return _location(span)


def _not_toml(explained: list[Explained]) -> ProfileFile:
    return ProfileFile(
        None, tuple(Fault("", said, remedy, location=_location(span)) for said, remedy, span in explained)
    )


def _location(span: Span) -> Location:
    return Location(span.line, span.column, length=span.length)


def _read_file_document(value: object, locate: Locate = tuple) -> ProfileFile:
    """Return the file of a document, unless no check should have to read it."""
    try:
        return ProfileFile(read_document(value, ""), locate=locate)
    except Problem as problem:
        return ProfileFile(None, tuple(locate(problem.faults)))


def _json_file(text: str) -> ProfileFile:
    try:
        document = parse_json(text.encode(), "file")
    except Problem as problem:
        return ProfileFile(None, tuple(replace(fault, path="") for fault in problem.faults))
    if isinstance(document, dict) and document.keys() == {"document"}:
        document = document["document"]
    return _read_file_document(document)


def _workbook(data: bytes) -> ProfileFile:
    from app.services.workbook import read_workbook

    try:
        return _from_cells(read_workbook(data))
    except Problem as problem:
        return ProfileFile(None, tuple(problem.faults))


def _sheet_of_rules(text: str, head: JsonObject) -> ProfileFile:
    from app.services.workbook import read_rule_sheet

    return _from_cells(read_rule_sheet(text, head))


def _from_cells(read: WorkbookDocument) -> ProfileFile:
    file = _read_file_document(read.document, read.located)
    return replace(file, faults=(*read.faults, *file.faults), warnings=read.warnings)
