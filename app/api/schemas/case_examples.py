"""Requests about whole cases as the OpenAPI document prints them; each works as it stands."""

from __future__ import annotations

import json
from typing import Any

Example = dict[str, Any]

DISCUSSION: Example = {
    "id": "discussion",
    "type": "strategy_discussion_held",
    "occurred_at": "2025-12-18T14:30",
    "facts": {"section_47_initiated": True},
}
TIMELINES: dict[str, Example] = {
    "conference": {
        "summary": "From a strategy discussion to the core groups, and what a year ahead asks for",
        "value": {
            "profile": "swindon",
            "as_of": "2026-02-02",
            "events": [
                DISCUSSION,
                {"type": "icpc_held", "occurred_at": "2026-01-12T10:00"},
                {"type": "core_group_held", "occurred_at": "2026-01-28"},
            ],
        },
    },
    "moved": {
        "summary": "A review that was moved, with nothing projected",
        "value": {
            "profile": "york",
            "as_of": "2026-01-20",
            "until": "2026-01-20",
            "reference": "case-17",
            "events": [
                {"type": "became_looked_after", "occurred_at": "2026-01-05"},
                {"id": "first-date", "type": "cla_review_scheduled", "occurred_at": "2026-01-29T10:00"},
                {
                    "id": "second-date",
                    "type": "cla_review_scheduled",
                    "occurred_at": "2026-01-30T10:00",
                    "replaces": ["first-date"],
                },
            ],
        },
    },
    "family": {
        "summary": "Two children of one family under two profiles",
        "value": {
            "profiles": [{"profile": "swindon"}, {"profile": "statutory-england"}],
            "as_of": "2026-03-02",
            "until": "2026-06-30",
            "children": [
                {"reference": "baby", "facts": {"child_date_of_birth": "2025-11-01"}},
                {"reference": "sister", "facts": {"child_date_of_birth": "2017-05-20"}},
            ],
            "events": [
                {"type": "cp_plan_started", "occurred_at": "2026-02-16"},
                {"type": "cp_visit_made", "occurred_at": "2026-02-27", "child": ["baby"]},
            ],
        },
    },
}
MEETING: Example = {"id": "meeting", "type": "icpc_scheduled", "occurred_at": "2026-01-08T10:00"}
RECALCULATIONS: dict[str, Example] = {
    "moved": {
        "summary": "A conference moved by two days, told by the events as they were",
        "value": {
            "profile": "swindon",
            "as_of": "2026-01-02",
            "until": "2026-01-31",
            "events": [DISCUSSION, {**MEETING, "occurred_at": "2026-01-12T10:00"}],
            "earlier_events": [DISCUSSION, MEETING],
        },
    },
    "answered": {
        "summary": "Held against an earlier answer's obligations, of which these fields are read",
        "value": {
            "profile": "swindon",
            "as_of": "2026-01-02",
            "until": "2026-01-02",
            "events": [DISCUSSION, MEETING],
            "earlier": [
                {
                    "id": "swindon/icpc-held/discussion/1",
                    "due_date": "2026-01-12",
                    "due_at": "2026-01-12T23:59:59+00:00",
                    "status": "outstanding",
                }
            ],
        },
    },
}
TIMELINESS: dict[str, Example] = {
    "conferences": {
        "summary": "The share of initial conferences held in time",
        "value": {
            "profile": "swindon",
            "as_of": "2026-03-31",
            "duties": ["hold_icpc"],
            "timelines": [
                {"events": [DISCUSSION, {"type": "icpc_held", "occurred_at": "2026-01-12"}]},
                {"events": [DISCUSSION, {"type": "icpc_held", "occurred_at": "2026-01-20"}]},
                {"events": [DISCUSSION]},
            ],
        },
    }
}
COMPARISONS: dict[str, Example] = {
    "profiles": {
        "summary": "One event under two authorities and the law",
        "value": {
            "profiles": [{"profile": "swindon"}, {"profile": "york"}, {"profile": "statutory-england"}],
            "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
            "facts": {"section_47_initiated": True},
        },
    },
    "versions": {
        "summary": "What events would ask for under another profile or version",
        "value": {
            "before": {"profile": "swindon", "profile_version": 1},
            "after": {"profile": "york"},
            "events": [
                {"id": "a", "type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
                {"id": "b", "type": "referral_accepted", "occurred_at": "2026-01-05"},
            ],
            "facts": {"section_47_initiated": True},
        },
    },
}
CHECKS: dict[str, Example] = {
    "early": {
        "summary": "A date that is a day early",
        "value": {
            "profile": "swindon",
            "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
            "facts": {"section_47_initiated": True},
            "duty": "hold_icpc",
            "date": "2026-01-12",
        },
    }
}
_ONE: Example = {
    "profile": "swindon",
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
    "facts": {"section_47_initiated": True},
    "reference": "first",
}
_OTHER: Example = {
    "profile": "york",
    "event": {"type": "became_looked_after", "occurred_at": "2026-01-05"},
    "reference": "second",
}
BATCHES: dict[str, Example] = {"two": {"summary": "Two calculations", "value": {"items": [_ONE, _OTHER]}}}
TIMELINESS_LINES: dict[str, Example] = {
    "cases": {
        "summary": "What is asked, and then one case a line",
        "value": '{"profile": "swindon", "as_of": "2026-03-31", "duties": ["hold_icpc"], "rows": true}\n'
        '{"reference": "a", "events": [{"type": "icpc_held", "occurred_at": "2026-01-12"}]}\n',
    }
}
LINES: dict[str, Example] = {
    "two": {
        "summary": "Two calculations, one to a line",
        "value": "".join(json.dumps(item, separators=(",", ":")) + "\n" for item in (_ONE, _OTHER)),
    }
}
