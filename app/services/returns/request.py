"""The request to import a return: what may be said besides the files."""

from __future__ import annotations

from pydantic import Field

from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Day, Faults, Maybe, RequestModel, VersionNumber, join

STATUTORY = "statutory-england"


class ImportRequest(RequestModel):
    """What holds for all files of an import. Every field may be left out."""

    as_of: Maybe[Day] = Field(
        description="The last day that the files cover: a later event cannot have happened, and is left out. Absent: "
        "the ReferenceDate of a census; for other returns no day is too late.",
        examples=["2026-03-31"],
    )
    profile: Maybe[str] = Field(
        description=f"The profile that the target and due dates in the files are checked by. Absent: {STATUTORY}.",
        examples=[STATUTORY],
    )
    profile_version: Maybe[VersionNumber] = Field(description="Absent: the one in force on each event's day.")
    same_carer_moves: Maybe[bool] = Field(
        description="True: a move with the same carers (SSDA903 reasons T and U) starts a placement too."
    )

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong."""
        if self.profile is None:
            return
        versions = snapshot.profiles.get(self.profile)
        if versions is None:
            faults.unknown(join(path, "profile"), "profile", self.profile, snapshot.profiles)
        elif self.profile_version is not None and all(each.version != self.profile_version for each in versions):
            remedy = f"versions: {', '.join(str(each.version) for each in versions)}"
            faults.add(join(path, "profile_version"), "there is no such version", remedy, self.profile_version)
