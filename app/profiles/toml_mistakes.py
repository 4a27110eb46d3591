"""Say what is wrong with a text that is not TOML, in the words of somebody who comes from a word processor."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from app.profiles.positions import Span

REMEDIES = (
    ("Cannot overwrite", "each key and each table may occur only once: remove one of the two"),
    ("Cannot declare", "each key and each table may occur only once: remove one of the two"),
    ("Cannot mutate", "a table written in braces is complete: write all of it inside the braces, or as a [table]"),
    ("Duplicate inline table key", "each key may occur only once between the braces: remove one of the two"),
    ("Invalid value", "write a text in quotation marks, a number or date plainly, and a table in braces"),
    ("Invalid date", "write a date as 2020-01-31"),
    ("Expected '='", "write key = value on one line"),
    ("Invalid statement", "a line is a [table], a [[list entry]], key = value or a # comment"),
    ("Unclosed inline table", "close the table with } on the same line, with commas between its parts"),
    ("Unclosed array", "close the list with ], with commas between its parts"),
    ("Unterminated string", "close the text with the quotation mark that opened it"),
    ("Illegal character", "close the text with the quotation mark that opened it, on the same line"),
    ("Expected newline", "start a new line after the value"),
    ("Expected ']", "close the table's name with as many brackets as opened it"),
    ("Unescaped", "write a backslash as two, or the text in single quotation marks"),
)
"""The remedy for what the TOML reader says, where nothing better is known of the line."""
QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")
CURLY = re.compile("[\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb]")
UNSEEN = re.compile("[\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff\x0b\x0c]")
VALUE = re.compile(r"^\s*(?P<key>[\w.\"-]+)\s*=\s*(?P<value>.*?)\s*(?:#.*)?$")
DAY_FIRST = re.compile(r"(?P<day>\d{1,2})(?:[/.]|-)(?P<month>\d{1,2})(?:[/.]|-)(?P<year>\d{4})$")
YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})$")
SPELT_DATE = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month>[A-Za-z]{3,})\s+(?P<year>\d{4})$")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
YES, NO = frozenset({"yes", "y", "true", "on"}), frozenset({"no", "n", "false", "off"})
BARE_WORDS = re.compile(r"[A-Za-z][\w /-]*$")
LENGTH = re.compile(r"(?P<number>\d+)\s*(?P<unit>working days?|weekdays?|days?|weeks?|months?|years?|hours?|minutes?)$")
CONSTANT = re.compile(r"(?<![\w\"'])(?P<word>Yes|No|True|False|YES|NO|TRUE|FALSE|yes|no)(?![\w\"'])")
MIN_COLUMNS = 3
MAX_EXPLAINED = 50

Explained = tuple[str, str, Span]
"""What is wrong, how to mend it, and where."""


def explain(message: str, text: str, span: Span) -> list[Explained]:
    """Return what is wrong with a text where the TOML reader stopped, and how to mend it.

    What a word processor does to every line (curly quotation marks, Yes for true) is found in the lines after it too.
    """
    lines = text.split("\n")
    for look in (_unseen, _curly, _table, _colon, _value, _open_braces, _comma, _heading, _quotation_marks, _comment):
        mistake = look(lines[span.line - 1], span.line)
        if mistake is not None:
            later = enumerate(lines[span.line :], span.line + 1) if look in {_unseen, _curly, _value} else ()
            others = [other for number, line in later if (other := look(line, number)) is not None]
            return [mistake, *others][:MAX_EXPLAINED]
    remedy = next((remedy for start, remedy in REMEDIES if start in message), "see docs/profile-format.md")
    return [(f"this is not TOML: {message[:1].lower()}{message[1:]}", remedy, span)]


def _outside_quotes(line: str) -> str:
    """Return a line with its quoted texts and its comment blanked, so that columns stay the same."""
    bare = QUOTED.sub(lambda match: " " * len(match[0]), line)
    return bare.partition("#")[0]


def _unseen(line: str, number: int) -> Explained | None:
    match = UNSEEN.search(_outside_quotes(line))
    if match is None:
        return None
    name = unicodedata.name(match[0], "a control character").lower()
    message = f"there is a character here that nobody sees: U+{ord(match[0]):04X} ({name})"
    remedy = "a word processor wrote it; delete it and type an ordinary space"
    return message, remedy, Span(number, match.start() + 1, 1)


def _curly(line: str, number: int) -> Explained | None:
    match = CURLY.search(_outside_quotes(line)) or (CURLY.search(line) if line.count('"') % 2 else None)
    if match is None:
        return None
    message = f"{match[0]} is a curly quotation mark, as a word processor writes it"
    remedy = 'write the straight one, ", at both ends of the text; a text editor does not change them'
    return message, remedy, Span(number, match.start() + 1, 1)


def _table(line: str, number: int) -> Explained | None:
    """Say of the first line of a file that it is the heading of a spreadsheet's table."""
    for mark in (",", ";", "\t"):
        if number == 1 and "=" not in line and line.count(mark) >= MIN_COLUMNS - 1 and not line.startswith("["):
            message = "this is a table of a spreadsheet (CSV), not a profile in TOML"
            remedy = "send it as text/csv, or begin a profile with: deadlines profiles new my-council"
            return message, remedy, Span(number, 1, max(1, len(line)))
    return None


def _colon(line: str, number: int) -> Explained | None:
    match = re.search(r"(?:^|[{,])\s*[\w-]+\s*(?P<colon>:)\s", _outside_quotes(line))
    if match is None:
        return None
    return "a value is given with =, not with a colon", "write key = value", Span(number, match.start("colon") + 1, 1)


def _value(line: str, number: int) -> Explained | None:
    match = VALUE.match(line)
    if match is None:
        return None
    value, span = match["value"], Span(number, match.start("value") + 1, max(1, len(match["value"])))
    for explain in (_missing, _number, _date, _yes_or_no, _length, _text):
        said = explain(value)
        if said is not None:
            return *said, span
    bare = _outside_quotes(line)
    if (length := re.search(rf"=\s*(?P<length>{LENGTH.pattern.removesuffix('$')})", bare)) is not None:
        said = _length(length["length"])
        if said is not None:
            return *said, Span(number, length.start("length") + 1, len(length["length"]))
    constant = CONSTANT.search(bare)
    if constant is not None:
        said = _yes_or_no(constant["word"])
        if said is not None:
            return *said, Span(number, constant.start() + 1, len(constant["word"]))
    return None


def _missing(value: str) -> tuple[str, str] | None:
    return ("there is nothing after the =", "write a value, or leave the line out") if not value else None


def _number(value: str) -> tuple[str, str] | None:
    if value.startswith("="):
        return "two = stand here", "write one ="
    return (f"{value} begins with a zero", f"write {int(value)}") if re.match(r"0\d+$", value) else None


def _date(value: str) -> tuple[str, str] | None:
    spelt = SPELT_DATE.match(value)
    match = DAY_FIRST.match(value) or YEAR_FIRST.match(value) or spelt
    if match is None:
        return None
    month = match["month"][:3].lower()
    if spelt and month not in MONTHS:
        return None
    try:
        day = date(int(match["year"]), MONTHS.index(month) + 1 if spelt else int(month), int(match["day"]))
    except ValueError:
        return f"{value} is not a date", "write a date that exists, as 2027-04-01: year, month, day"
    if value == day.isoformat():
        return None
    return f"{value} is not how a date is written here", f"write {day.isoformat()}: year, month, day, two digits each"


def _yes_or_no(value: str) -> tuple[str, str] | None:
    small = value.lower()
    if small not in YES | NO or value in {"true", "false"}:
        return None
    meant = "true" if small in YES else "false"
    return f"{value} is not a value", f"write {meant}, in small letters and without quotation marks"


def _length(value: str) -> tuple[str, str] | None:
    match = LENGTH.match(value.lower())
    if match is None:
        return None
    unit = match["unit"].replace(" ", "_")
    unit = unit if unit.endswith("s") else f"{unit}s"
    return "a length of time is written with its unit as the key", f"write {{ {unit} = {int(match['number'])} }}"


def _text(value: str) -> tuple[str, str] | None:
    if BARE_WORDS.match(value) is None or value in {"true", "false", "inf", "nan"}:
        return None
    return "a text stands in quotation marks", f'write "{value}"'


def _open_braces(line: str, number: int) -> Explained | None:
    bare = _outside_quotes(line).rstrip()
    place = bare.rfind("{")
    if place < 0 or bare.count("{") <= bare.count("}") or not (bare.endswith(("{", ","))):
        return None
    message = "the braces opened here are not closed on the same line"
    remedy = "keep everything from { to } on one line, or give it a heading of its own, such as [rules.timing]"
    return message, remedy, Span(number, place + 1, 1)


def _comma(line: str, number: int) -> Explained | None:
    bare = _outside_quotes(line)
    if (last := re.search(r"(?P<comma>,)\s*}", bare)) is not None:
        return "a comma stands before the closing brace", "leave it out", Span(number, last.start("comma") + 1, 1)
    if (decimal := re.search(r"=\s*(?P<number>\d+,\d+)\s*$", bare)) is not None:
        span = Span(number, decimal.start("number") + 1, len(decimal["number"]))
        return f"{decimal['number']} is not a whole number", "write a whole number, in a smaller unit if need be", span
    return None


def _heading(line: str, number: int) -> Explained | None:
    match = re.match(r"\s*\[+\s*(?P<name>[\w.-]+(?:\s+[\w.-]+)+)\s*\]*", _outside_quotes(line))
    if match is None:
        return None
    name = ".".join(match["name"].split())
    message = "the name of a heading has no spaces"
    return message, f"write [{name}], with dots", Span(number, match.start("name") + 1, len(match["name"]))


def _quotation_marks(line: str, number: int) -> Explained | None:
    match = re.search(r"=\s*(?P<text>\"[^\"]*\"|'[^']*')(?P<more>\w)", line)
    if match is None:
        return None
    mark = match["text"][0]
    message = f"the text ends at this second {mark}, and something follows it"
    remedy = 'write a quotation mark inside of a text as \\"'
    if mark == "'":
        remedy = 'put a text with an apostrophe between "'
    return message, remedy, Span(number, match.start("more"), 1)


def _comment(line: str, number: int) -> Explained | None:
    match = re.match(r"\s*(?P<mark>//|;|--|/\*|<!--)", line)
    if match is None:
        return None
    return f"a comment does not begin with {match['mark']}", "begin it with #", Span(number, match.start("mark") + 1, 1)
