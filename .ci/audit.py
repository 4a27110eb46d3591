"""Look for known vulnerabilities of the locked packages, and say so if that could not be done.

With AUDIT_DATABASE, a file of the OSV database (https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip), no
network is needed; its date is shown, since a vulnerability published later is not in it. Without it, pip-audit asks the
public services.

Exit status: 0 none known, 1 some found (or pip-audit failed), 3 nothing was looked up.
"""

import argparse
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

NOT_LOOKED_UP = 3
UNREACHABLE = re.compile(
    r"ConnectionError|ServiceError|Max retries|NameResolution|Temporary failure|timed out|could not be audited",
    re.IGNORECASE,
)
Advisory = dict[str, Any]


def locked(path: Path) -> dict[str, str]:
    """Return each locked package's version by its name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    forms = (re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", line) for line in lines)
    return {canonical(form[1]): form[2] for form in forms if form}


def canonical(name: str) -> str:
    """Return a package's name in the form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def advisories(database: Path) -> Iterator[Advisory]:
    """Yield every advisory of an OSV file."""
    with zipfile.ZipFile(database) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def affects(advisory: Advisory, name: str, version: str) -> bool:
    """Return whether an advisory is about this version of a package: it is listed, or within one of the ranges."""
    for affected in advisory.get("affected", []):
        package = affected.get("package", {})
        if package.get("ecosystem") != "PyPI" or canonical(package.get("name", "")) != name:
            continue
        if version in affected.get("versions", []):
            return True
        if any(
            within(each.get("events", []), version)
            for each in affected.get("ranges", [])
            if each["type"] == "ECOSYSTEM"
        ):
            return True
    return False


def within(events: list[dict[str, str]], version: str) -> bool:
    """Return whether a version lies in a range: introduced at or before it, and not fixed before or at it."""
    here, inside = Version(version), False
    for event in events:
        if "introduced" in event:
            inside = inside or event["introduced"] == "0" or here >= Version(event["introduced"])
        elif ("fixed" in event and here >= Version(event["fixed"])) or (
            "last_affected" in event and here > Version(event["last_affected"])
        ):
            inside = False
    return inside


def look_up(database: Path, packages: dict[str, str]) -> int:
    """Compare the packages with an OSV file."""
    latest, reported = "", []
    for advisory in advisories(database):
        latest = max(latest, str(advisory.get("modified", "")))
        if "withdrawn" in advisory:
            continue
        for name, version in packages.items():
            try:
                if affects(advisory, name, version):
                    reported.append(f"{name} {version}: {advisory['id']} {advisory.get('summary', '')}".rstrip())
            except InvalidVersion as wrong:
                print(f"audit: {advisory['id']} cannot be read: {wrong}", file=sys.stderr)
    if not latest:
        print(f"audit: could not look: {database} has no advisories", file=sys.stderr)
        return NOT_LOOKED_UP
    for line in sorted(reported):
        print(f"audit: {line}", file=sys.stderr)
    print(f"audit: {len(packages)} packages, {len(reported)} known vulnerabilities in the database as of {latest[:10]}")
    return 1 if reported else 0


def ask(requirements: Path) -> int:
    """Let pip-audit ask the public services."""
    command = [str(Path(sys.executable).parent / "pip-audit"), "--strict", "--require-hashes", "--disable-pip"]
    done = subprocess.run(
        [*command, "--progress-spinner", "off", "--requirement", str(requirements)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode and UNREACHABLE.search(done.stderr):
        print(
            "audit: could not look: no vulnerability service answers here; set AUDIT_DATABASE to an OSV file",
            file=sys.stderr,
        )
        return NOT_LOOKED_UP
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


def main() -> int:
    """Look the locked packages up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    if not options.database:
        return ask(options.requirements)
    database = Path(options.database)
    if not zipfile.is_zipfile(database):
        print(f"audit: could not look: {database} is no OSV file", file=sys.stderr)
        return NOT_LOOKED_UP
    return look_up(database, locked(options.requirements))


if __name__ == "__main__":
    sys.exit(main())
