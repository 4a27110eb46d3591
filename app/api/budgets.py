"""The budget of work of each route, by its operation: enforced where the route runs, and published in the document."""

from __future__ import annotations

from typing import Any

from app.api.bodies import MAX_BATCH_BYTES, MAX_BYTES
from app.engine.calculate import MAX_OBLIGATIONS
from app.services.calculation.batch import MAX_BATCH_ANSWER_BYTES, MAX_BATCH_OBLIGATIONS, MAX_ITEMS
from app.services.calculation.json_body import max_values
from app.services.work import MAX_COMPARED_EVENTS, MAX_COMPARED_OBLIGATIONS, MIB, WorkBudget

USUAL = WorkBudget()
ONE_EVENT = WorkBudget(obligations=MAX_OBLIGATIONS, steps=1)
COMPARISON = WorkBudget(obligations=MAX_COMPARED_OBLIGATIONS, steps=2 * MAX_COMPARED_EVENTS)
# A check counts the event anew for each cause that it looks for.
CHECK = WorkBudget(obligations=MAX_OBLIGATIONS, steps=200)
# A flat date is counted anew for each value of the facts that nobody has decided.
FLAT = WorkBudget(obligations=10 * MAX_OBLIGATIONS, steps=5_000)
MAX_IMPORT_ANSWER_BYTES = 32 * MIB
# A large county's return has about 100,000 events, each met by several versions at most; more goes by the command line.
RETURN_COUNTED = WorkBudget(MAX_IMPORT_ANSWER_BYTES, steps=400_000)
BUDGETS: dict[str, WorkBudget] = {
    "calculate": ONE_EVENT,
    "calculate_batch": WorkBudget(MAX_BATCH_ANSWER_BYTES, obligations=MAX_BATCH_OBLIGATIONS, steps=MAX_ITEMS),
    "timeline": WorkBudget(obligations=MAX_OBLIGATIONS, steps=20_000),
    "recalculate": WorkBudget(obligations=MAX_OBLIGATIONS, steps=40_000),
    "timeliness": WorkBudget(steps=100_000),
    "compare": COMPARISON,
    "draft_impact": COMPARISON,
    "check_date": CHECK,
    "import_return": WorkBudget(MAX_IMPORT_ANSWER_BYTES),
    "return_timeliness": RETURN_COUNTED,
    "return_timeliness_report": RETURN_COUNTED,
    "calculation_calendar": ONE_EVENT,
    "calculation_table": ONE_EVENT,
    "timeline_calendar": WorkBudget(obligations=MAX_OBLIGATIONS, steps=20_000),
    "timeline_table": WorkBudget(obligations=MAX_OBLIGATIONS, steps=20_000),
    "get_due_date": FLAT,
    "post_due_date": FLAT,
}
LARGE_BODIES = frozenset({"calculate_batch", "timeliness"})
# Files of a form, by the setting import_mib; this is its default.
UPLOADS = frozenset({"import_return", "return_timeliness", "return_timeliness_report"})
MAX_UPLOAD_BYTES = 200 * MIB


def budget_of(operation: str | None) -> WorkBudget:
    """Return the budget of an operation; those that calculate nothing have one of bytes alone."""
    return BUDGETS.get(operation or "", USUAL)


def describe_budget(operation: dict[str, Any]) -> None:
    """Add its budget to an operation of the OpenAPI document: as data, and as a sentence of its description."""
    name = str(operation["operationId"])
    budget = {key: value for key, value in budget_of(name)._asdict().items() if value is not None}
    words = [f"{budget['answer_bytes'] / MIB:g} MiB of answer"]
    words += [
        f"{budget[key]:,} {word}"
        for key, word in (("obligations",) * 2, ("steps", "events calculated"))
        if key in budget
    ]
    if name in UPLOADS:
        budget["body_bytes"] = MAX_UPLOAD_BYTES
        words.append(f"{MAX_UPLOAD_BYTES / MIB:g} MiB of files, unless the operator says another number")
    elif "requestBody" in operation:
        body_bytes = MAX_BATCH_BYTES if name in LARGE_BODIES else MAX_BYTES
        budget["body_bytes"] = body_bytes
        body = f"{body_bytes / MIB:g} MiB of body"
        if "application/json" in operation["requestBody"]["content"]:
            budget["json_values"] = max_values(body_bytes)
            body = f"{body} with {budget['json_values']:,} values"
        words.append(body)
    operation["x-work-budget"] = budget
    operation["description"] = f"{operation['description']}\n\nAt most {'; '.join(words)}."
