"""Find where each part of a TOML document is in its text: line and column by JSON path."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

HEADERS = ("table", "table_array_element")
KEYS = ("bare_key", "quoted_key", "dotted_key")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters in one line; line and column count from 1, as editors show them."""

    line: int
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where the key of a part is, and where its value is. A table under a header has the header for both."""

    key: Span
    value: Span


class Positions:
    """The places of one document that is valid TOML.

    A path is written as the loader writes it: `rules[3].timing.within`, or empty for the document as a whole.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._places: dict[str, Place] = {}
        self._texts: list[tuple[str, str, Span]] = []
        self._counts: dict[str, int] = {}
        tree = Parser(Language(tree_sitter_toml.language())).parse(text.encode())
        for node in tree.root_node.named_children:
            if node.type == "pair":
                self._pair(node, "")
            elif node.type in HEADERS:
                self._header(node)

    def place(self, path: str) -> Place:
        """Return the place of a path, or of the nearest part around it where the path itself is not in the text."""
        if path in self._places:
            return self._places[path]
        while path and path not in self._places:
            path = path.rpartition("[")[0] if path.endswith("]") else path.rpartition(".")[0]
        start = Span(1, 1, max(1, len(self._lines[0].rstrip("\r"))))
        around = self._places[path].value if path else start
        return Place(around, around)

    def text_in(self, path: str, text: str) -> Span | None:
        """Return where a text first occurs within what is at a path."""
        inside = (f"{path}.", f"{path}[")
        texts = ((value, span) for where, value, span in self._texts if where == path or where.startswith(inside))
        return next((span for value, span in texts if value == text), None)

    def _header(self, node: Node) -> None:
        named = next(child for child in node.named_children if child.type in KEYS)
        *around, last = _parts(named)
        span = self._span(named)
        path = _join(self._header_path(around, span), last)
        if node.type == "table_array_element":
            self._places.setdefault(path, Place(span, span))
            count = self._counts[path] = self._counts.get(path, 0) + 1
            path = f"{path}[{count - 1}]"
        self._places[path] = Place(span, span)
        for child in node.named_children:
            if child.type == "pair":
                self._pair(child, path)

    def _header_path(self, parts: list[str], span: Span) -> str:
        """Return the path of a header's outer tables: where one is a list, its last element is meant."""
        path = ""
        for part in parts:
            path = _join(path, part)
            self._places.setdefault(path, Place(span, span))
            if path in self._counts:
                path = f"{path}[{self._counts[path] - 1}]"
        return path

    def _pair(self, node: Node, path: str) -> None:
        named, value = (child for child in node.named_children if child.type != "comment")
        *around, last = _parts(named)
        for part in around:
            path = _join(path, part)
            self._places.setdefault(path, Place(self._span(named), self._span(value)))
        path = _join(path, last)
        self._places[path] = Place(self._span(named), self._span(value))
        self._value(value, path)

    def _value(self, node: Node, path: str) -> None:
        if node.type == "string":
            self._texts.append((path, _text(node), self._span(node)))
        elif node.type == "inline_table":
            for child in node.named_children:
                if child.type == "pair":
                    self._pair(child, path)
        elif node.type == "array":
            for index, item in enumerate(child for child in node.named_children if child.type != "comment"):
                span = self._span(item)
                self._places[f"{path}[{index}]"] = Place(span, span)
                self._value(item, f"{path}[{index}]")

    def _span(self, node: Node) -> Span:
        """Return the span of a node; of one that goes over several lines, its first line."""
        row, start = node.start_point.row, node.start_point.column
        line = self._lines[row].encode()
        end = node.end_point.column if node.end_point.row == row else len(line.rstrip())
        return Span(row + 1, len(line[:start].decode()) + 1, max(1, len(line[start:end].decode())))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _parts(node: Node) -> list[str]:
    return list(_walk(node))


def _walk(node: Node) -> Iterator[str]:
    if node.type == "dotted_key":
        for child in node.named_children:
            yield from _walk(child)
    elif node.type == "quoted_key":
        yield _text(node)
    else:
        yield (node.text or b"").decode()


def _text(node: Node) -> str:
    """Return the value of a quoted text."""
    value = tomllib.loads("x = " + (node.text or b'""').decode())["x"]
    return value if isinstance(value, str) else json.dumps(value)


WHERE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


def syntax_span(message: str, text: str) -> tuple[str, Span]:
    """Return what the TOML reader said, and where: its message contains the place."""
    match = WHERE.search(message)
    text_only = message[: match.start()] if match else message
    lines = text.split("\n")
    if match and match["line"]:
        return text_only, Span(int(match["line"]), int(match["column"]), 1)
    last = len(lines) if lines[-1] or len(lines) == 1 else len(lines) - 1
    return text_only, Span(last, len(lines[last - 1].rstrip("\r")) + 1, 1)
