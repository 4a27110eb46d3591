"""The profiles and calendars that answer, as one value that can be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from app.services.calculation.calculator import Calculator
from app.services.ports import StoredState
from app.services.snapshot.bundle import pins, read_bundle, standards_digest
from app.services.snapshot.offline import packaged_state
from app.services.snapshot.snapshot import Snapshot, build_snapshot

MAX_COMPILED = 4


@dataclass(frozen=True, slots=True, eq=False)
class Standards:
    """Every published profile and calendar: immutable, picklable (half a megabyte), and without an API key.

    They are compiled once in each process that calculates, on first use. `digest` names them: two answers with the same
    digest were counted alike. Documents that do not match their checksums are refused by the name of their profile.
    """

    state: StoredState = field(repr=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        """Leave out the keys, and digest what is left."""
        object.__setattr__(self, "state", replace(self.state, keys=()))
        object.__setattr__(self, "digest", standards_digest(self.state))

    @classmethod
    def packaged(cls) -> Self:
        """Return the profiles and calendars that come with the package."""
        return cls(packaged_state())

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Return what `deadlines standards export` wrote. Raises OSError, or Problem where the file is no bundle."""
        return cls(read_bundle(Path(path).read_bytes()))

    @classmethod
    def from_state(cls, state: StoredState) -> Self:
        """Return what a store has published; its keys are left out."""
        return cls(state)

    @property
    def pins(self) -> dict[str, Any]:
        """Return what every date depends on: engine, zone data, each version of a profile and calendar by checksum."""
        return pins(self.state)

    @property
    def calculator(self) -> Calculator:
        """Return the calculator of these standards, compiled once in each process."""
        return _compiled(self)

    @property
    def snapshot(self) -> Snapshot:
        """Return the compiled profiles and calendars by key."""
        return self.calculator.snapshot

    def _identity(self) -> tuple[object, ...]:
        # The pins do not say when a version was published, which answers as of an earlier day depend on.
        profiles, calendars = self.state.profiles, self.state.calendars
        return self.digest, [each.published_at for each in profiles], [each.published_at for each in calendars]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Standards) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self.digest)


@lru_cache(maxsize=MAX_COMPILED)
def _compiled(standards: Standards) -> Calculator:
    return Calculator(build_snapshot(standards.state))
