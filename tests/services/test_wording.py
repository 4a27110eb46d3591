"""Words for people that pages and reports share."""

from app.profiles.document import REASONS
from app.services.wording import NOT_COMPUTABLE


def test_every_reason_for_having_no_date_has_its_words() -> None:
    assert tuple(NOT_COMPUTABLE) == REASONS
