"""Read returns from files of the tests, and from text."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from app.services.returns.cases import ReturnCase
from app.services.returns.faults import LineFault
from app.services.returns.files import ReturnFile
from app.services.returns.reading import Import

FILES = Path(__file__).parent / "files"
CIN = sorted((FILES / "cin").glob("*.xml"))
S903 = sorted((FILES / "s903").glob("*.csv"))
SSD = sorted((FILES / "ssd").glob("*.csv"))
ANNEX = sorted((FILES / "annex").glob("*.csv"))
# More files to count, where RETURN_SAMPLES names a folder with them: cin/*.xml and s903/*.csv.
SAMPLES = Path(os.environ.get("RETURN_SAMPLES", FILES / "none"))
SAMPLE_CIN = sorted((SAMPLES / "cin").glob("*.xml"))
SAMPLE_S903 = sorted((SAMPLES / "s903").glob("*.csv"))


class Read:
    """Everything that an import gave."""

    def __init__(self, source: str, files: Iterable[ReturnFile], **options: Any) -> None:
        self.imported = Import(source, list(files), **options)
        self.cases: list[ReturnCase] = list(self.imported)
        self.faults: list[LineFault] = self.imported.faults.listed()

    def counted(self) -> Counter[tuple[str, str]]:
        """How many events of each type each child has."""
        return Counter((case.child, event.type) for case in self.cases for event in case.events)

    def case(self, reference: str) -> list[str]:
        """The events of a case, as `type day`."""
        case = next(case for case in self.cases if case.reference == reference)
        return [f"{event.type} {event.day.isoformat()}" for event in case.events]

    def facts(self, reference: str, event: str, number: int = 0) -> dict[str, Any]:
        """The facts of an event of a case."""
        case = next(case for case in self.cases if case.reference == reference)
        return dict([each for each in case.events if each.type == event][number].facts)

    def said(self, reference: str | None = None, kind: str | None = None) -> list[tuple[int | None, str | None, str]]:
        """The faults of a child or a case: line, column, message."""
        return [
            (fault.line, fault.column, fault.message)
            for fault in self.faults
            if reference in {None, fault.reference} and kind in {None, fault.kind}
        ]


def read(source: str, paths: Iterable[Path], **options: Any) -> Read:
    """Read files."""
    return Read(source, [ReturnFile(path.name, io.BytesIO(path.read_bytes())) for path in paths], **options)


def read_text(source: str, as_of: date | None = None, **texts: str) -> Read:
    """Read files that are text, by their names with an underscore for the point."""
    files = [ReturnFile(name.replace("_", "."), io.BytesIO(text.encode())) for name, text in texts.items()]
    return Read(source, files, as_of=as_of)
