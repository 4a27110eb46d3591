"""An independent count, in SQL and by the printed mapping, agrees with the reader: child by child, event by event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.returns import counting
from tests.returns.reading import ANNEX, CIN, S903, SAMPLE_CIN, SAMPLE_S903, SSD, read

Count = Callable[[Iterable[Path]], Counter[tuple[str, str]]]
ENDS = {"placement_ended", "interim_order_ended", "police_protection_ended", "emergency_protection_order_ended"}
"""Ends follow from the starts after them; the tests of the reader say when."""


def different(
    source: str, paths: list[Path], count: Count, without: set[str]
) -> dict[tuple[str, str], tuple[int, int]]:
    ours = read(source, paths).counted()
    theirs = count(paths)
    keys = {key for key in ours | theirs if key[1] not in without}
    assert keys
    return {key: (ours[key], theirs[key]) for key in sorted(keys) if ours[key] != theirs[key]}


@pytest.mark.parametrize("path", [*CIN, *SAMPLE_CIN], ids=lambda path: path.stem)
def test_a_census_has_the_events_that_sql_counts(path: Path) -> None:
    assert different("cin-census", [path], counting.cin_census, set()) == {}


@pytest.mark.parametrize("paths", [each for each in (S903, SAMPLE_S903) if each], ids=lambda paths: paths[0].parts[-3])
def test_episodes_and_reviews_are_the_events_that_sql_counts(paths: list[Path]) -> None:
    assert different("ssda903", paths, counting.ssda903, ENDS) == {}


def test_the_dataset_has_the_events_that_sql_counts() -> None:
    assert different("standard-safeguarding-dataset", SSD, counting.safeguarding_dataset, set()) == {}


def test_the_lists_have_the_events_that_sql_counts() -> None:
    assert different("annex-a", ANNEX, counting.annex_a, set()) == {}
