"""Nothing is left for later in a file: what is unfinished is an issue, not a comment."""

import re

from tests.house.files import lines_with

# Written in pieces, so that this file does not hold what it looks for.
MARKERS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "TB" + "D", "WI" + "P"]) + r")\b")
CONFLICT = re.compile(r"^(<{7}|>{7}|={7})( |$)", re.MULTILINE)


def test_no_file_has_a_marker_of_unfinished_work() -> None:
    assert lines_with(MARKERS) == []


def test_no_file_has_a_merge_conflict() -> None:
    assert lines_with(CONFLICT) == []


def test_a_marker_is_recognised() -> None:
    assert MARKERS.search("# TO" + "DO: later")
