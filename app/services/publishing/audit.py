"""The record of changes, as administrators read it."""

from __future__ import annotations

from app.services.calculation.response import Json
from app.services.ports import Store

MAX_IN_PAGE = 200


def list_changes(store: Store, before: str | None, limit: int, subject: str | None) -> Json:
    """Changes, newest first; what is added meanwhile moves nothing that follows. Raises BadCursor."""
    found = store.list_audit(before=before, limit=limit, subject=subject)
    return {
        "records": [
            {
                "id": record.id,
                "at": record.at.isoformat(),
                "actor": record.actor,
                "action": record.action,
                "subject_kind": record.subject_kind,
                "subject": record.subject,
                "before": record.before,
                "after": record.after,
                "request_id": record.request_id,
                "detail": record.detail,
            }
            for record in found.items
        ],
        "next": found.next,
    }
