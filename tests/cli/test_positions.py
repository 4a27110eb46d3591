"""Every part of a profile's text is found where it stands."""

import tomllib
from collections.abc import Iterator
from importlib import resources

import pytest

from app.profiles.packaged import packaged_documents
from app.profiles.positions import Positions


def parts(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Give every part of a document with its path, as the loader writes paths."""
    if isinstance(value, dict):
        for key, item in value.items():
            where = f"{path}.{key}" if path else key
            yield where, item
            yield from parts(item, where)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{path}[{index}]", item
            yield from parts(item, f"{path}[{index}]")


@pytest.mark.parametrize("key", sorted(packaged_documents()))
def test_every_part_of_a_packaged_profile_is_found(key: str) -> None:
    text = resources.files("app.profiles.packaged").joinpath(f"{key}.toml").read_text(encoding="utf-8")
    lines = text.split("\n")
    positions = Positions(text)
    seen = 0
    for path, value in parts(tomllib.loads(text)):
        place = positions.place(path)
        name = path.rpartition(".")[2]
        if not name.endswith("]"):
            written = lines[place.key.line - 1][place.key.column - 1 :][: place.key.length]
            assert name in written, path
        if isinstance(value, str | int) and "\n" not in str(value):
            written = lines[place.value.line - 1][place.value.column - 1 :][: place.value.length]
            assert tomllib.loads(f"x = {written}")["x"] == value, path
            seen += 1
    assert seen > 50


TEXT = """a.b = 1
"q r" = "x"
['lit.eral']
k = '''two
lines'''
[[list]]
[list.inner]
deep = [[1, 2], [{ x = 3 }]] # remark
[[list]]
[[list.inner]]
y = 1
[[list.inner]]
y = 2
"""


@pytest.mark.parametrize(
    ("path", "line", "column", "length"),
    [
        ("a.b", 1, 7, 1),
        ("q r", 2, 9, 3),
        ("lit.eral.k", 4, 5, 6),
        ("list[0].inner.deep[0][1]", 8, 13, 1),
        ("list[0].inner.deep[1][0].x", 8, 24, 1),
        ("list[1]", 9, 3, 4),
        ("list[1].inner[0].y", 11, 5, 1),
        ("list[1].inner[1].y", 13, 5, 1),
        # What was never written is told at what is around it.
        ("list[1].inner[1].z.deep", 12, 3, 10),
        ("profile", 1, 1, 7),
        ("profile.absent", 1, 1, 7),
    ],
)
def test_every_way_to_write_a_key_has_its_place(path: str, line: int, column: int, length: int) -> None:
    span = Positions(TEXT).place(path).value
    assert (span.line, span.column, span.length) == (line, column, length)
