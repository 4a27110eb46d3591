"""Read requests with Pydantic: the base of every request model, the types they share, and faults with a remedy.

A request model is the single definition of a shape: it validates, and the OpenAPI document is made from it. What only
the published records can decide (an unknown profile, a version not in force) is checked by the capability afterwards;
`salvage` gives it the sound part of a faulty request, so that one answer lists every fault of both kinds.
"""

from app.services.validation.faults import Faults, Repeated, faults_of, join, models_in, union_tag
from app.services.validation.models import (
    ABSENT,
    Maybe,
    NoQuery,
    QueryModel,
    RequestModel,
    WithoutNull,
    drop_absent,
    dropping,
)
from app.services.validation.reading import add_domain_faults, read, salvage, unchecked
from app.services.validation.types import (
    FROM_TEXT,
    MAX_REFERENCE_LENGTH,
    MAX_VERSION,
    Day,
    EventTime,
    Explained,
    FromText,
    OneOrMany,
    Reason,
    Reference,
    VersionNumber,
    VersionText,
    WholeNumber,
    integer_from_path,
    integer_from_text,
    invalid,
    is_reference,
    parse_day,
)

__all__ = [
    "ABSENT",
    "FROM_TEXT",
    "MAX_REFERENCE_LENGTH",
    "MAX_VERSION",
    "Day",
    "EventTime",
    "Explained",
    "Faults",
    "FromText",
    "Maybe",
    "NoQuery",
    "OneOrMany",
    "QueryModel",
    "Reason",
    "Reference",
    "Repeated",
    "RequestModel",
    "VersionNumber",
    "VersionText",
    "WholeNumber",
    "WithoutNull",
    "add_domain_faults",
    "drop_absent",
    "dropping",
    "faults_of",
    "integer_from_path",
    "integer_from_text",
    "invalid",
    "is_reference",
    "join",
    "models_in",
    "parse_day",
    "read",
    "salvage",
    "unchecked",
    "union_tag",
]
