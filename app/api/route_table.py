"""Every route of the API, in the order of the document."""

from __future__ import annotations

from app.api.routers import (
    audit,
    batch,
    calculations,
    calendar_upkeep,
    calendars_authoring,
    catalogue,
    checks,
    comparisons,
    draft_files,
    drafts,
    due_dates,
    files,
    imports,
    operations,
    profile_versions,
    proposals,
    timelines,
    timeliness,
    workbooks,
    working_days,
)

ROUTERS = (
    calculations.router,
    batch.router,
    timelines.router,
    files.router,
    timeliness.router,
    imports.router,
    comparisons.router,
    checks.router,
    due_dates.router,
    working_days.router,
    catalogue.router,
    workbooks.router,
    draft_files.router,
    drafts.router,
    profile_versions.router,
    calendars_authoring.router,
    calendar_upkeep.router,
    proposals.router,
    audit.router,
    operations.router,
)
