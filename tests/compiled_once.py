"""Compile each document once in a process of tests: most of their applications have the same standards."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from app.calendars.document import from_document
from app.profiles.document import load_profile

MAX_COMPILED = 100
Compiled = TypeVar("Compiled")


def once(compile_document: Callable[..., Compiled]) -> Callable[..., Compiled]:
    """Return a function that gives what was compiled of an equal document before. What is refused is tried again."""
    compiled: dict[str, Compiled] = {}

    def compile_once(document: Mapping[str, Any], *more: object) -> Compiled:
        # As text, since True equals 1, and a date is not the text that looks like it.
        key = repr((document, more))
        if key not in compiled:
            if len(compiled) >= MAX_COMPILED:
                compiled.clear()
            compiled[key] = compile_document(document, *more)
        return compiled[key]

    return compile_once


load_profile_once, from_document_once = once(load_profile), once(from_document)


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let the applications that run meanwhile share what is compiled: both functions read nothing but the document."""
    with (
        patch("app.profiles.document.load_profile", load_profile_once),
        patch("app.services.snapshot.published.from_document", from_document_once),
    ):
        yield
