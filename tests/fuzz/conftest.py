import pytest

from tests.api.conftest import filled_database
from tests.api.worlds import filled_copy, world

__all__ = ["filled_database"]


@pytest.fixture(scope="module")
def here(filled_database, tmp_path_factory):
    """Give the running application, shared by a module: nothing here writes."""
    with world(filled_copy(filled_database, tmp_path_factory.mktemp("fuzz"))) as running:
        yield running
