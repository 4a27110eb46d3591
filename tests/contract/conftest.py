from collections.abc import Iterator

import pytest

from tests.government_site import WHOLE, publishing


@pytest.fixture(scope="session", autouse=True)
def government_site() -> Iterator[None]:
    """Let the service fetch the government's list from this machine, as it was published."""
    with publishing() as site, pytest.MonkeyPatch.context() as environment:
        site.puts(WHOLE)
        environment.setenv("DEADLINES_BANK_HOLIDAYS_URL", site.address)
        yield
