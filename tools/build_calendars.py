"""Write the packaged calendars from the `holidays` package and app/calendars/packaged/published.toml.

Run from the repository: `python -m tools.build_calendars` writes them, `--check` says whether they are up to date.
"""

import argparse
import json
import sys
import tomllib
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.calendars.calendar import SATURDAY, Calendar, NonWorkingDay, Origin
from app.calendars.packaged import KEYS
from app.services.publishing.holidays_package import SUBSTITUTE, named_days

PACKAGED = Path(__file__).resolve().parent.parent / "app" / "calendars" / "packaged"


def build(settings: dict[str, Any]) -> dict[str, Calendar]:
    """Every packaged calendar, made anew from the installed package."""
    return {key: _calendar(key, settings) for key in settings["divisions"]}


def rendered(calendar: Calendar) -> str:
    """Serialise a calendar as its file, one day to a line so that a change is easy to review."""
    document = calendar.to_document()
    days = document.pop("days")
    head = json.dumps(document, indent=1, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n".join("  " + json.dumps(day, ensure_ascii=False) for day in days)
    return f'{head},\n "days": [\n{lines}\n ]\n}}\n'


def settings() -> dict[str, Any]:
    """Read published.toml."""
    return tomllib.loads((PACKAGED / "published.toml").read_text("utf-8"))


def _calendar(key: str, settings: dict[str, Any]) -> Calendar:
    division = settings["divisions"][key]
    first, last = settings["first"], settings["last"]
    named = [named_days(f"GB-{subdivision}", first.year, last.year) for subdivision in division["subdivisions"]]
    if any(other != named[0] for other in named):
        raise SystemExit(f"{key}: {' and '.join(division['subdivisions'])} no longer keep the same days")
    source = f"holidays {version('holidays')} GB-{division['subdivisions'][0]}"
    unknown = {part for name in named[0].values() for part in _parts(name)} - settings["names"].keys()
    if unknown:
        raise SystemExit(f"{key}: published.toml gives no title for {', '.join(sorted(unknown))}")
    days = tuple(
        NonWorkingDay(day, _title(day, name, settings), "bank_holiday", _origin(day, settings), source)
        # The government lists the weekday that is kept instead; a Saturday or Sunday does not count anyway.
        for day, name in sorted(named[0].items())
        if day.weekday() < SATURDAY
    )
    note = f"Packaged, from {source}"
    until = settings["published_until"]
    return Calendar(key, 1, division["title"], first, last, until, days, note=note)


def _parts(name: str) -> list[str]:
    return [part.removesuffix(SUBSTITUTE) for part in name.split("; ")]


def _title(day: date, name: str, settings: dict[str, Any]) -> str:
    """Return the government's title: where two holidays share a day, the one printed as a substitute."""
    if dated := settings["dated_names"].get(day.isoformat()):
        return str(dated)
    chosen = next((part for part in name.split("; ") if part.endswith(SUBSTITUTE)), name)
    title = settings["names"][chosen.removesuffix(SUBSTITUTE)]
    return f"{title} (substitute day)" if chosen.endswith(SUBSTITUTE) else str(title)


def _origin(day: date, settings: dict[str, Any]) -> Origin:
    if day < settings["published_from"]:
        return "history"
    return "published" if day <= settings["published_until"] else "projected"


def main() -> int:
    """Write, or with `--check` compare; 1 when they have drifted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file would change")
    only_check = parser.parse_args().check
    drifted = False
    calendars = build(settings())
    if set(calendars) != set(KEYS):
        raise SystemExit(f"published.toml describes {', '.join(calendars)}; packaged are {', '.join(KEYS)}")
    for key, calendar in calendars.items():
        path = PACKAGED / f"{key}.json"
        text = rendered(calendar)
        if path.exists() and path.read_text("utf-8") == text:
            continue
        drifted = True
        sys.stdout.write(f"{'would change' if only_check else 'wrote'} {path.name}\n")
        if not only_check:
            path.write_text(text, "utf-8")
    return int(only_check and drifted)


if __name__ == "__main__":
    raise SystemExit(main())
