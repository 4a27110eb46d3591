from tests.api.conftest import filled_database, filled_url

__all__ = ["filled_database", "filled_url"]
