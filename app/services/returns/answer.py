"""Answer an import: its cases as they are read, and what is said of them all at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

import orjson

from app.services.calculation.response import Json
from app.services.returns.cases import ReturnCase
from app.services.returns.faults import FaultList
from app.services.returns.files import ReturnFile
from app.services.returns.reading import Import
from app.services.returns.request import STATUTORY, ImportRequest
from app.services.returns.stored_dates import CheckedDate, DateChecker
from app.services.snapshot.snapshot import Snapshot
from app.services.work import check

PORTION = 64 * 1024


class ImportAnswer:
    """One import with its dates checked. Cases are taken once; the summary is complete after the last of them."""

    def __init__(
        self,
        snapshot: Snapshot,
        source: str,
        files: Sequence[ReturnFile],
        request: ImportRequest,
        faults: FaultList | None = None,
        checked: Callable[[CheckedDate], None] | None = None,
    ) -> None:
        self.imported = Import(
            source, files, as_of=request.as_of, same_carer_moves=bool(request.same_carer_moves), faults=faults
        )
        self.checked: list[CheckedDate] = []
        """Empty where something else takes each."""
        self._take = checked or self.checked.append
        self._number = 0
        self._checker = DateChecker(snapshot, request.profile or STATUTORY, request.profile_version)

    def cases(self) -> Iterator[ReturnCase]:
        """Yield each case, after checking the dates that it carries. Raises Problem where a file cannot be read."""
        for case in self.imported:
            for stored in case.stored:
                check()
                self._number += 1
                self._take(self._checker.check(case, stored))
            yield case

    def summary(self) -> Json:
        """Return everything but the cases."""
        observed, faults = self.imported.observed, self.imported.faults
        return {
            "source": observed.source,
            "observed_from": observed.first.isoformat() if observed.first is not None else None,
            "observed_until": observed.last.isoformat() if observed.last is not None else None,
            "observed_events": sorted(observed.events),
            "faults": [asdict(fault) for fault in faults.listed()],
            "checked_dates": [row.as_json() for row in self.checked],
            "counts": self.counts(),
        }

    def counts(self) -> dict[str, int]:
        """Return how much was read."""
        faults = self.imported.faults
        return {
            **asdict(self.imported.counts),
            "faults": faults.total,
            "unreadable": faults.of_kind("unreadable"),
            "not_used": faults.of_kind("not_used"),
            "remarks": faults.of_kind("remark"),
            "checked_dates": self._number,
        }

    def json_portions(self) -> Iterator[bytes]:
        """Yield the answer as one JSON object, in portions."""
        portion = bytearray(b'{"cases":[')
        comma = b""
        for case in self.cases():
            portion += comma + orjson.dumps(case.as_json())
            comma = b","
            if len(portion) > PORTION:
                yield bytes(portion)
                portion.clear()
        portion += b"]," + orjson.dumps(self.summary())[1:]
        yield bytes(portion)

    def line_portions(self) -> Iterator[bytes]:
        """Yield the answer as lines, in portions: a case each, and in the last line the rest."""
        portion = bytearray()
        for case in self.cases():
            portion += orjson.dumps(case.as_json(), option=orjson.OPT_APPEND_NEWLINE)
            if len(portion) > PORTION:
                yield bytes(portion)
                portion.clear()
        yield bytes(portion) + orjson.dumps(self.summary(), option=orjson.OPT_APPEND_NEWLINE)
