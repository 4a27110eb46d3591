"""The audit log, for administrators."""

from __future__ import annotations

from app.services.calculation.response import Json
from app.services.ports import Store


def list_changes(store: Store, before: str | None, limit: int, subject: str | None) -> Json:
    """Return a page of changes, newest first; changes made meanwhile do not shift it. Raises BadCursor."""
    page = store.list_audit(before=before, limit=limit, subject=subject)
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
            for record in page.items
        ],
        "next": page.next,
    }
