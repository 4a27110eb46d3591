"""The SSDA903 return: each period of care is one case."""

from __future__ import annotations

from app.services.returns.care import REASONS, CareReader, Spell
from app.services.returns.child import ChildCases
from app.services.returns.rows import Row, RowReader

Rows = dict[str, list[Row]]


class Ssda903Reader:
    """Reads the rows of one child."""

    def __init__(self, reader: RowReader, care: CareReader) -> None:
        self._reader = reader
        self._care = care

    def read(self, child: ChildCases, rows: Rows) -> None:
        """Add the child's cases."""
        spells = [spell for row in rows.get("episodes", ()) if (spell := self._spell(child, row)) is not None]
        self._care.read(child, spells)
        for name, listed in rows.items():
            if name != "episodes":
                for row in listed:
                    child.put(self._reader.read(row, child.child))

    def _spell(self, child: ChildCases, row: Row) -> Spell | None:
        reader, faults = self._reader, self._reader.faults
        start = reader.day(row, "DECOM", child.child)
        if start is None:
            if not row.text("DECOM"):
                message = "the episode has no start; it was left out"
                faults.add("unreadable", row.place("DECOM"), message, "add DECOM", reference=child.child)
            return None
        reason = row.text("RNE").upper()
        if reason not in REASONS:
            message = "this is no reason for a new episode; the episode was left out"
            remedy = "use S, L, P, T, B or U"
            faults.add("unreadable", row.place("RNE"), message, remedy, was=reason, reference=child.child)
            return None
        end = reader.day(row, "DEC", child.child)
        end_reason = row.text("REC").upper()
        if end is not None and end < start:
            message = "the end lies before the start (DECOM); the end was left out"
            shown = f"{end.isoformat()}, before {start.isoformat()}"
            remedy = "mend whichever of the two is wrong"
            faults.add("remark", row.place("DEC"), message, remedy, was=shown, reference=child.child)
            end, end_reason = None, ""
        return Spell(
            start=start,
            reason=reason,
            status=row.text("LS").upper(),
            placement=row.text("PLACE").upper(),
            setting=row.text("URN"),
            end=end,
            end_reason=end_reason if end is not None else "",
            place=row.place("DECOM"),
            end_place=row.place("DEC"),
            status_place=row.place("LS"),
            placement_place=row.place("PLACE"),
        )
