"""Names, docstrings and comments use the trade's terms: `layer`, not `room`; `cached`, not `kept`."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

import pytest

from tests.house.files import ROOT, python_files

# Word -> what to write instead.
AVOIDED = {
    "aside": "alternative",
    "asked": "requested, or the thing's own name",
    "beside": "next to, alternative",
    "given": "passed, or the thing's own name",
    "held": "cached, stored, contained; a meeting that took place is allowed in a domain name",
    "kept": "cached, stored, unchanged",
    "plain": "simple, standard",
    "room": "layer, package, space",
    "rooms": "layers, packages",
    "spoken": "formatted, described",
    "told": "logged, serialised, reported",
}
# Names of events, facts and fields that say so of a meeting, and the public names of the contract.
DOMAIN = re.compile(r"\b\w*_held\w*|\bheld_\w+|\b\w*UntilHeld\b|text/plain|\bheld back\b")
# A line that may have one of them in a comment.
COMMENTED = re.compile(f"#.*(?:{'|'.join(AVOIDED)})", re.IGNORECASE)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Prose about a meeting: "the conference was held", "once a meeting is held".
MEETING = re.compile(r"\b(conference|meeting|review|discussion|panel|icpc)s?\b", re.IGNORECASE)


# Names that say nothing of what they name; in prose, and within longer names, they are ordinary words.
EMPTY_NAMES = frozenset({"found", "known", "say", "standing", "telling"})
# A bound is a MAX_ or MIN_.
BOUND = re.compile(r"_?(MOST|LONGEST|DEEPEST|LARGEST|WIDEST|FEWEST)_[A-Z_]+")


@cache
def avoided_in_name(name: str) -> list[str]:
    if name.strip("_").lower() in EMPTY_NAMES or BOUND.fullmatch(name):
        return [name]
    if DOMAIN.fullmatch(name):
        return []
    return [word for part in name.split("_") for word in map(str.lower, WORD.findall(part)) if word in AVOIDED]


def avoided_in_prose(text: str) -> list[str]:
    text = DOMAIN.sub(" ", re.sub(r"`[^`]*`", " ", text))
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", text)]
    return [word for word in words if word in AVOIDED and not (word == "held" and MEETING.search(text))]


def names(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield the names that a module defines: functions, classes, parameters, variables and attributes.

    Leaves out annotated fields of classes, some of which are public JSON names.
    """
    fields = {
        statement.target
        for node in nodes
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
    }
    for node in nodes:
        if node in fields:
            continue
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case _:
                pass


def prose(source: str, nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield the docstrings (also of attributes) of a module, and its comments where one may have a word to avoid."""
    for node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    if not COMMENTED.search(source):
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


class Module(NamedTuple):
    """What there is to say of a module: the offences, and its functions' docstrings that begin with no verb."""

    offences: list[str]
    verbless: list[str]


def read(source: str) -> Module:
    nodes = list(ast.walk(ast.parse(source)))
    return Module(
        [
            *(f"{line}: the name {name} ({word})" for line, name in names(nodes) for word in avoided_in_name(name)),
            *(f"{line}: {word}" for line, text in prose(source, nodes) for word in avoided_in_prose(text)),
        ],
        [
            f"{node.lineno}: {text}"
            for node in nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (text := ast.get_docstring(node))
            and text.split()[0].strip(".,:") in NO_VERBS
        ],
    )


@cache
def modules() -> dict[str, Module]:
    """Read the application, once for all tests."""
    paths = python_files("app")
    assert len(paths) > 300
    return {path.relative_to(ROOT).as_posix(): read(path.read_text(encoding="utf-8")) for path in paths}


def test_the_code_uses_the_trade_s_terms() -> None:
    assert {name: module.offences for name, module in modules().items() if module.offences} == {}


# What a name of a test, a tool or a benchmark avoids too. Others of these words are sentences there: "is asked for".
AVOIDED_IN_NAMES = frozenset({"beside", "held", "plain", "room", "rooms", "spoken", "told"})


def test_tests_and_tools_are_named_in_the_trade_s_terms() -> None:
    paths = python_files("tests", "tools", "bench")
    assert len(paths) > 300
    offences = [
        f"{path.relative_to(ROOT).as_posix()}:{line}: {name}"
        for path in paths
        for line, name in names(list(ast.walk(ast.parse(path.read_text(encoding="utf-8")))))
        if AVOIDED_IN_NAMES.intersection(avoided_in_name(name)) and not DOMAIN.search(name)
    ]
    assert offences == []


# How a docstring of a function begins that says what it returns, and not what it does.
NO_VERBS = frozenset(
    [
        "A",
        "An",
        "All",
        "Each",
        "Every",
        "Everything",
        "How",
        "One",
        "The",
        "What",
        "When",
        "Where",
        "Whether",
        "Which",
        "Who",
    ]
)


def test_a_function_s_docstring_begins_with_a_verb() -> None:
    """Those of routes are read in the document, after their summary, and are exempt."""
    wrong = {name: module.verbless for name, module in modules().items() if "/routers/" not in name}
    assert {name: lines for name, lines in wrong.items() if lines} == {}


def test_a_docstring_without_a_verb_is_recognised() -> None:
    assert read('async def due() -> None:\n    """The due date."""').verbless == ["1: The due date."]
    assert read('def due() -> None:\n    """Return the due date."""').verbless == []


@pytest.mark.parametrize(
    "source",
    [
        "told = 1",
        "def plain_text(): ...",
        "class RoomFor: ...",
        '"""What is kept of a day."""',
        "x = 1  # beside it",
        "found = []",
    ],
)
def test_a_word_to_avoid_is_recognised(source: str) -> None:
    assert read(source).offences


@pytest.mark.parametrize(
    "source",
    ["icpc_held = True", "explained = 1", '"""The review is held on day 5."""', '"""`told` is a field."""', "x.told()"],
)
def test_the_domain_s_own_words_are_let_through(source: str) -> None:
    assert read(source).offences == []
