"""The error that lists what is wrong with a profile document."""

from __future__ import annotations

from collections.abc import Iterable

from app.documents.faults import Fault


class InvalidProfile(ValueError):
    """The document is not a valid profile; `faults` lists every reason, and `file` names the document where known."""

    def __init__(self, faults: Iterable[Fault], file: str | None = None) -> None:
        self.faults = tuple(faults)
        self.file = file
        super().__init__("\n".join(f"{file or 'profile'}: {fault}" for fault in self.faults))
