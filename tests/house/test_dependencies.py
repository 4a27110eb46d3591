"""What is installed is what was reviewed: locked with hashes, for every declared need, the zone data exactly."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import app
from tests.house.files import LOCKS, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
EXTRAS = {
    name: [Requirement(line) for line in lines] for name, lines in PROJECT["project"]["optional-dependencies"].items()
}
GROUPS = PROJECT["dependency-groups"]


def named(group: str) -> list[Requirement]:
    return [Requirement(line) for line in GROUPS[group] if isinstance(line, str)]


def locked(name: str) -> dict[str, list[tuple[Requirement, int]]]:
    """Read a lock as name -> its (requirement, number of hashes), more than one where platforms differ."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    entries: dict[str, list[tuple[Requirement, int]]] = {}
    for entry in re.split(r"\n(?=\w)", "\n".join(line for line in text.splitlines() if not line.startswith("#"))):
        head, *hashes = entry.strip().split(" \\\n")
        requirement = Requirement(head)
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}", line) for line in hashes), head
        entries.setdefault(canonicalize_name(requirement.name), []).append((requirement, len(hashes)))
    return entries


def version_in(requirement: Requirement) -> Version:
    (only,) = requirement.specifier
    assert only.operator == "==", str(requirement)
    return Version(only.version)


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_requirement_is_exact_and_hashed(name: str) -> None:
    for entries in locked(name).values():
        for requirement, hashes in entries:
            assert version_in(requirement)
            assert hashes, str(requirement)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("runtime", RUNTIME),
        ("serve", [*RUNTIME, *EXTRAS["returns"], *EXTRAS["xlsx"]]),
        ("build", named("build")),
        ("dev", [*RUNTIME, *named("build"), *named("dev")]),
        ("bench", [*RUNTIME, *(need for group in GROUPS if group != "spark" for need in named(group))]),
        ("spark", named("spark")),
    ],
)
def test_every_declared_need_is_in_its_lock(name: str, needed: list[Requirement]) -> None:
    lock = locked(name)
    for need in needed:
        assert canonicalize_name(need.name) in lock, str(need)
        for requirement, _ in lock[canonicalize_name(need.name)]:
            assert version_in(requirement) in need.specifier, f"{need}: the lock has {requirement}"


@pytest.mark.parametrize("name", ["runtime", "serve", "build"])
def test_what_is_shipped_is_what_is_tested(name: str) -> None:
    dev = locked("dev")
    for key, entries in locked(name).items():
        assert {str(one.specifier) for one, _ in entries} <= {str(one.specifier) for one, _ in dev[key]}, key


def test_every_route_and_page_runs_with_what_make_serve_installs_and_nothing_installed_there_is_for_a_setting(
    tmp_path: Path,
) -> None:
    missing = locked("runtime").keys() - locked("serve").keys()
    assert missing >= {
        canonicalize_name(need.name) for name in ("arrow", "mcp", "otel", "redis") for need in EXTRAS[name]
    }
    modules = [
        name for name, packages in packages_distributions().items() if {*map(canonicalize_name, packages)} <= missing
    ]
    assert {"pyarrow", "mcp", "redis"} <= {*modules}
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({modules!r}))\n"
        "from app.main import create_app\n"
        "app = create_app(); app.state.later.load()\n"
        "assert len(app.openapi()['paths']) > 50\n"
        "from importlib import import_module as load\n"
        "[load(name) for name in ('polars', 'lxml.etree', 'openpyxl', 'python_multipart')]\n"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        env={**os.environ, "DEADLINES_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"},
    )


def test_what_goes_to_a_cluster_is_what_is_tested() -> None:
    dev, cluster = locked("dev"), locked("../deploy/spark/requirements")
    for key, entries in cluster.items():
        assert {str(one.specifier) for one, _ in entries} <= {str(one.specifier) for one, _ in dev[key]}, key
    assert len(cluster) < len(locked("runtime")) / 4


def test_the_zone_data_is_pinned_exactly() -> None:
    (tzdata,) = [one for one in RUNTIME if one.name == "tzdata"]
    assert version_in(tzdata)


def test_the_build_backend_is_the_locked_one() -> None:
    assert GROUPS["build"] == PROJECT["build-system"]["requires"]


def test_the_version_is_a_release() -> None:
    assert str(Version(app.__version__)) == app.__version__
    assert "version" in PROJECT["project"]["dynamic"]


def test_the_core_s_contract_names_every_library_that_is_installed_for_use() -> None:
    """A library that is added becomes forbidden to the core in the same change."""
    module_of = {"pyjwt": "jwt", "python-dateutil": "dateutil", "python-dotenv": "dotenv"}
    (contract,) = [one for one in PROJECT["tool"]["importlinter"]["contracts"] if one["id"] == "pure-core"]
    names = [canonicalize_name(one.name) for one in RUNTIME]
    modules = {module_of.get(name, name.replace("-", "_")) for name in names}
    assert modules - set(contract["forbidden_modules"]) == set()
