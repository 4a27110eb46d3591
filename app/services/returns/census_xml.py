"""Read XML a piece at a time with a hardened parser: no entities, no document type, no network, no endless depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, cast

from app.services.problems import Fault, Problem

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_DEPTH = 20
MAX_CHILDREN_OF_A_PIECE = 20_000


def read_pieces(name: str, file: IO[bytes], wanted: frozenset[str]) -> Iterator[_Element]:
    """Yield each element of a wanted name as it ends; it is cleared afterwards, so that memory stays flat.

    Raises Problem where the file is not XML, has a document type or an entity, or nests deeper than any return does.
    """
    from lxml import etree

    depth = elements = 0
    inside = 0
    events = etree.iterparse(
        file,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for event, element in events:
            if event == "start":
                depth += 1
                if depth == 1:
                    _refuse_document_type(name, element)
                if depth > MAX_DEPTH:
                    raise refused(name, line_of(element), "the elements nest too deeply", "send the return itself")
                if local_name(element) in wanted:
                    inside += 1
                    elements = 0
                elements += 1
                if inside and elements > MAX_CHILDREN_OF_A_PIECE:
                    message = "one child has too many elements"
                    raise refused(name, line_of(element), message, "check whether the file is closed rightly")
                continue
            depth -= 1
            if local_name(element) in wanted:
                inside -= 1
                yield element
            if not inside:
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise refused(
            name, line, f"this is not XML: {_reason(error)}", "send the file as the system wrote it"
        ) from None


def local_name(element: _Element) -> str:
    """Return an element's name without its namespace; an entity that was not resolved has none."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def line_of(element: _Element) -> int:
    """Return the line on which an element stands, 0 where the parser does not say."""
    return cast(int, element.sourceline or 0)  # type: ignore[truthy-bool, unreachable]  # the stubs have no type for it


def leaf_text(element: _Element) -> str:
    """Return the text of an element without elements inside, shorn of spaces around it."""
    return (element.text or "").strip()


def refused(name: str, line: int | None, message: str, remedy: str) -> Problem:
    """Return the problem of a file that cannot be read at all."""
    where = f"{name}, line {line}" if line else name
    return Problem("invalid-request", "A file cannot be read.", [Fault(where, message, remedy)])


def _refuse_document_type(name: str, element: _Element) -> None:
    if element.getroottree().docinfo.doctype:  # type: ignore[attr-defined]  # the stubs lack it
        message = "the file has a document type (DOCTYPE), which no return has"
        raise refused(name, 1, message, "take it out: it could make the file say something else")


def _reason(error: Exception) -> str:
    """Return the parser's reason without what it quotes of the file, which may be about a child."""
    text = str(error).partition(",")[0].partition(":")[0].strip()
    return text[:60] if text.replace(" ", "").replace("-", "").isalpha() else "it is not well-formed"
