"""Every setting is read by the application. tests/docs/test_operations.py checks that each is documented."""

import ast

from app.settings import Settings
from tests.house.files import ROOT, python_files


def read_in(source: str) -> set[str]:
    """Return the attributes that a module reads from `settings`, `….settings` or `Settings()`."""
    return {
        node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute) and is_settings(node.value)
    }


def is_settings(node: ast.expr) -> bool:
    match node:
        case ast.Name(id="settings") | ast.Attribute(attr="settings" | "_settings"):
            return True
        case ast.Call(func=ast.Name(id="Settings")):
            return True
        case _:
            return False


def test_every_setting_is_read_somewhere() -> None:
    files = [path for path in python_files("app") if path != ROOT / "app" / "settings.py"]
    read = {name for path in files for name in read_in(path.read_text(encoding="utf-8"))}
    assert set(Settings.model_fields) - read == set()


def test_a_setting_that_is_only_set_is_not_taken_as_read() -> None:
    assert read_in("Settings(log_level='INFO')\nlog_level = 1") == set()
    assert read_in("request.app.state.settings.log_level\nSettings().rate_limit\nsettings.log_json") == {
        "log_level",
        "rate_limit",
        "log_json",
    }
