"""Write the licence of each package into the bill of materials, and fail for one that is not on the list.

The bill (`cyclonedx-py requirements`) names what the lock names, with hashes; the licences are in the metadata of what
is installed (`cyclonedx-py environment`). .ci/licences.toml is the list.
"""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Component = dict[str, Any]


@dataclass(frozen=True)
class Policy:
    """Which licences are allowed, and what to make of metadata that name none exactly."""

    allowed: frozenset[str]
    names: Mapping[str, str]
    packages: Mapping[str, str]

    def accepts(self, expression: str) -> bool:
        """Return whether an SPDX expression is allowed: of `A OR B` one is enough, of `A AND B` both are needed."""
        text = expression.strip()
        for word, enough in ((" OR ", any), (" AND ", all)):
            if len(parts := _split(text, word)) > 1:
                return enough(self.accepts(part) for part in parts)
        if text.startswith("(") and text.endswith(")"):
            return self.accepts(text[1:-1])
        return text in self.allowed


def read_policy(path: Path) -> Policy:
    """Read the list."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    packages = {canonical(name): licence for name, licence in table["packages"].items()}
    return Policy(frozenset(table["allowed"]), table["names"], packages)


def canonical(name: str) -> str:
    """Return a package's name in the form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licences_of(component: Component, policy: Policy) -> list[str]:
    """Return the licences in a component's metadata, each as an SPDX identifier or expression where that is known."""
    licences = []
    for entry in component.get("licenses", []):
        licence = entry.get("license", {})
        stated = entry.get("expression") or licence.get("id") or licence.get("name", "")
        licences.append(policy.names.get(stated, stated))
    return list(dict.fromkeys(licences))


def complete(bill: Iterable[Component], installed: Iterable[Component], policy: Policy) -> list[str]:
    """Write the licences into the bill's components. Returns a sentence for each that is not allowed."""
    named = {canonical(each["name"]): each for each in installed}
    faults = []
    for component in bill:
        name = canonical(component["name"])
        stated = [policy.packages[name]] if name in policy.packages else licences_of(named.get(name, {}), policy)
        if not stated:
            faults.append(f"{name}: no licence is known; read it, and add the package to .ci/licences.toml")
        faults += [f"{name}: {licence} is not on the list" for licence in stated if not policy.accepts(licence)]
        component["licenses"] = [{"expression": " AND ".join(map(_grouped, stated))}] if stated else []
    return faults


def _grouped(expression: str) -> str:
    return f"({expression})" if " OR " in expression else expression


def _split(text: str, word: str) -> list[str]:
    """Split an expression at a word outside its parentheses."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and text.startswith(word, place):
            parts.append(text[start:place])
            start = place + len(word)
    return [*parts, text[start:]]


def main() -> int:
    """Complete the bill of materials in place."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bill", "environment", "policy"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    bill = json.loads(options.bill.read_text(encoding="utf-8"))
    installed = json.loads(options.environment.read_text(encoding="utf-8"))["components"]
    faults = complete(bill["components"], installed, read_policy(options.policy))
    options.bill.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
    for fault in faults:
        print(f"licences: {fault}", file=sys.stderr)
    if not faults:
        print(f"{options.bill}: {len(bill['components'])} packages, every licence on the list")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
