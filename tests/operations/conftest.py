from tests.api.conftest import filled_database, filled_url, here

__all__ = ["filled_database", "filled_url", "here"]
