"""What an operator reads, and the kinds of problem."""

from __future__ import annotations

from pydantic import Field

from app.api.schemas.common import Answer


class Health(Answer):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Readiness(Answer):
    """Whether a calculation can be answered, and whether the store is in step."""

    status: str = Field(
        description="ready, degraded (answers, but the store is out of reach), not_ready, or draining (about to stop)."
    )
    reason: str | None
    snapshot_age_seconds: float
    profiles: int
    calendars: int
    warnings: list[str] = Field(
        [],
        description="What an operator should look at though every calculation is answered: a calendar that does not "
        "follow the one that it extends, or differs from the holidays package.",
    )


class VersionAnswer(Answer):
    """What is running."""

    version: str
    engine: str
    zone: str
    zone_data: str


class ProblemKind(Answer):
    """One kind of problem."""

    type: str
    title: str
    status: int


class ProblemKinds(Answer):
    """Every kind of problem that this service answers with."""

    problems: list[ProblemKind]
