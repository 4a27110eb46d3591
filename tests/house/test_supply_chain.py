"""What CI asks of dependencies: a licence that somebody has read, and no vulnerability that is known; or a plain no."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.house.files import ROOT

POLICY = ROOT / ".ci" / "licences.toml"
LOCK = "certifi==2024.1.1 \\\n    --hash=sha256:00\nh11==0.16.0 \\\n    --hash=sha256:00\n"


def script(name: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / ".ci" / name, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def check_licences(folder: Path, *licences: dict[str, Any], name: str = "example") -> tuple[int, str, dict[str, Any]]:
    bill, installed = folder / "bill.json", folder / "environment.json"
    bill.write_text(json.dumps({"components": [{"name": name, "version": "1"}]}), encoding="utf-8")
    installed.write_text(
        json.dumps({"components": [{"name": name.upper(), "licenses": list(licences)}]}), encoding="utf-8"
    )
    done = script("licences.py", "--bill", bill, "--environment", installed, "--policy", POLICY)
    return done.returncode, done.stderr, json.loads(bill.read_text(encoding="utf-8"))["components"][0]


@pytest.mark.parametrize(
    "licence",
    [
        {"license": {"id": "MIT"}},
        {"license": {"name": "License :: OSI Approved :: BSD License"}},
        {"expression": "MPL-2.0 AND (Apache-2.0 OR MIT)"},
        {"expression": "GPL-3.0-only OR MIT"},
        {"expression": "(MIT)"},
    ],
)
def test_a_licence_on_the_list_passes_and_is_in_the_bill(tmp_path: Path, licence: dict[str, Any]) -> None:
    status, error, component = check_licences(tmp_path, licence)
    assert (status, error) == (0, "")
    assert component["licenses"][0]["expression"]


@pytest.mark.parametrize(
    "licence",
    [
        {"license": {"id": "AGPL-3.0-only"}},
        {"license": {"name": "License :: Other/Proprietary License"}},
        {"expression": "MIT AND GPL-3.0-only"},
        {"expression": "MIT AND (GPL-3.0-only OR AGPL-3.0-only)"},
    ],
)
def test_a_licence_that_is_not_on_the_list_fails(tmp_path: Path, licence: dict[str, Any]) -> None:
    status, error, _ = check_licences(tmp_path, {"license": {"id": "MIT"}}, licence)
    assert status == 1
    assert "example: " in error
    assert "is not on the list" in error


def test_a_package_without_a_licence_fails_until_somebody_has_read_it(tmp_path: Path) -> None:
    assert "no licence is known" in check_licences(tmp_path)[1]
    assert check_licences(tmp_path, name="protobuf")[0] == 0


def test_ci_makes_the_bill_and_the_list_names_no_licence_twice() -> None:
    assert re.search(r"(?m)^others=\(.*\bsbom\b.*\)$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nsbom:")[2].partition("\n\n")[0]
    assert ".ci/licences.py --bill build/sbom.json" in recipe
    allowed = tomllib.loads(POLICY.read_text(encoding="utf-8"))["allowed"]
    assert allowed == sorted(set(allowed))


def audit(folder: Path, *advisories: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    lock, database = folder / "runtime.lock", folder / "all.zip"
    lock.write_text(LOCK, encoding="utf-8")
    with zipfile.ZipFile(database, "w") as archive:
        for number, advisory in enumerate(advisories):
            archive.writestr(
                f"A-{number}.json", json.dumps({"id": f"A-{number}", "modified": "2026-10-01T00:00:00Z"} | advisory)
            )
    return script("audit.py", "--database", str(database), lock)


def about(name: str, *events: dict[str, str], versions: tuple[str, ...] = ()) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    package = {"ecosystem": "PyPI", "name": name}
    return {"summary": "bad", "affected": [{"package": package, "ranges": ranges, "versions": list(versions)}]}


@pytest.mark.parametrize(
    "advisory",
    [
        about("certifi", {"introduced": "0"}, {"fixed": "2024.7.4"}),
        about("Certifi", {"introduced": "2024.1.1"}),
        about("h11", {"introduced": "0"}, {"last_affected": "0.16.0"}),
        about("h11", versions=("0.16.0",)),
        about("h11", {"introduced": "0"}, {"fixed": "0.2"}, {"introduced": "0.16"}, {"fixed": "0.17"}),
    ],
)
def test_a_known_vulnerability_is_found_without_a_network(tmp_path: Path, advisory: dict[str, Any]) -> None:
    done = audit(tmp_path, advisory)
    assert done.returncode == 1
    assert "A-0 bad" in done.stderr
    assert "as of 2026-10-01" in done.stdout


@pytest.mark.parametrize(
    "advisory",
    [
        about("certifi", {"introduced": "0"}, {"fixed": "2024.1.1"}),
        about("certifi", {"introduced": "2025.1"}),
        about("h11", {"introduced": "0"}, {"last_affected": "0.15"}),
        about("elsewhere", {"introduced": "0"}),
        about("h11", {"introduced": "0"}) | {"withdrawn": "2026-01-01T00:00:00Z"},
    ],
)
def test_what_is_not_affected_passes_and_the_date_of_the_database_is_shown(
    tmp_path: Path, advisory: dict[str, Any]
) -> None:
    done = audit(tmp_path, advisory)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "audit: 2 packages, 0 known vulnerabilities in the database as of 2026-10-01\n"


def test_where_nothing_could_be_looked_up_it_says_so_in_a_line_with_a_status_of_its_own(tmp_path: Path) -> None:
    nothing = tmp_path / "none.zip"
    lock = tmp_path / "runtime.lock"
    lock.write_text(LOCK, encoding="utf-8")
    empty = audit(tmp_path)
    missing = script("audit.py", "--database", str(nothing), lock)
    # An address at which nobody listens stands for a network that leads nowhere.
    away = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:1")
    offline = script("audit.py", ROOT / "requirements" / "runtime.lock", NO_PROXY="", no_proxy="", **away)
    for done in (empty, missing, offline):
        assert done.returncode == 3, done.stderr
        assert done.stderr.startswith("audit: could not look")
        assert done.stderr.count("\n") == 1
