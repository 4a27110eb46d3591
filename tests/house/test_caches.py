"""What a function remembers for the life of the process is never what a caller sent; each such cache says why."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.files import ROOT, python_files

CACHES = {"cache", "lru_cache"}
DAYS = "days of the calendar, linked to no request, as docs/data-protection.md says"
TYPES = "types of this code"
FOLDERS = "the folders of the vocabulary"
RETURNS = "the keys of the returns; any other is refused before, or raises, which is not remembered"
TAKES = {
    "app/calendars/index.py:_positions": "the first and the last day of a calendar",
    "app/engine/counting.py:_minutes": "the lengths of time of the rules, forwards and back",
    "app/engine/civil_time.py:_offset": "offsets from UTC, such as +01:00: a clock's, not a child's",
    "app/engine/civil_time.py:_offset_all_day": DAYS,
    "app/engine/civil_time.py:last_second": DAYS,
    "app/engine/explain.py:format_long_date": DAYS,
    "app/profiles/vocabulary/subjects.py:subjects": FOLDERS,
    "app/profiles/vocabulary/subjects.py:word_files": FOLDERS,
    "app/services/facts.py:_adapter": "what a profile or a draft says of a fact, never its value",
    "app/services/returns/mapping.py:load_mapping": RETURNS,
    "app/services/standards/loading.py:_compiled": "whole standards, which are no child's",
    "app/services/timelines/request_coverage.py:_recorded": RETURNS,
    "app/services/validation/reading.py:_adapter": TYPES,
    "app/services/validation/reading.py:_validator_of_fields": TYPES,
    "app/services/words.py:_build_lists": "the checksums of the versions published",
}
"""The cached functions that take something, and what that is. One that takes nothing reads what is packaged."""


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is carried out once for the process: all but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from outside_functions(child)


def makes_cache(node: ast.AST) -> bool:
    made = node.func if isinstance(node, ast.Call) else node
    return (isinstance(made, ast.Name) and made.id in CACHES) or (
        isinstance(made, ast.Attribute) and made.attr in CACHES
    )


def lasting_caches(source: str) -> list[str]:
    """List the functions that take something and are cached for as long as the process runs."""
    found = []
    for node in outside_functions(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            taken = node.args
            takes = taken.posonlyargs or taken.args or taken.kwonlyargs or taken.vararg or taken.kwarg
            found += [node.name] if takes and any(map(makes_cache, node.decorator_list)) else []
        elif isinstance(node, ast.Call) and makes_cache(node):
            found.append(ast.unparse(node))
    return found


def test_each_lasting_cache_says_why_it_holds_nothing_that_was_sent() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{name}"
        for path in python_files("app")
        for name in lasting_caches(path.read_text(encoding="utf-8"))
    }
    assert sorted(found) == sorted(TAKES)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("@cache\ndef stem(word): ...", ["stem"]),
        ("@functools.lru_cache(maxsize=9)\ndef day(text): ...", ["day"]),
        ("class A:\n    @cache\n    def day(self): ...", ["day"]),
        ("day = lru_cache(9)(read)", ["lru_cache(9)"]),
        ("@cache\ndef packaged(): ...", []),
        ("def read():\n    specs = cache(load)\n    @cache\n    def day(text): ...", []),
    ],
)
def test_a_lasting_cache_is_recognised(source: str, found: list[str]) -> None:
    assert lasting_caches(source) == found
