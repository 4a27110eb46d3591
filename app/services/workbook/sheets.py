"""The sheets of the workbook: which key of the profile format stands in which column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.profiles.document import REASONS
from app.profiles.rules import AFTER_END, BASES, CERTAINTIES, CLOSURES
from app.profiles.series_timings import STRENGTHS
from app.profiles.vocabulary import TYPES
from app.services.workbook.compound_fields import InForce, OtherReading, Sections, Timing
from app.services.workbook.fields import Choice, Day, Flag, Listed, Presumed, Text, TextOrDay, When, WholeNumber, Word
from app.services.workbook.lengths import AGES, COUNTED, NUMBERED
from app.services.workbook.rows import Cells, Column, Form

PROFILE, DOCUMENTS, RULES, UNDATED = "Profile", "Documents", "Rules", "Undated"
OWN_WORDS, PHASES, WORDS, HOW_TO, LISTS = "Own words", "Phases", "Words", "How to", "Lists"
WORD_KINDS = {"event": "events", "duty": "duties", "fact": "facts", "episode": "episodes", "name": "nouns"}
"""What the column Kind of the sheet Own words offers, with the table of the vocabulary that it stands for."""
SEVERAL = "Several with semicolons between them."


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with one entry a row."""

    name: str
    key: str
    """The list or table of the document that it holds."""
    fields: Sequence[Cells]

    @property
    def columns(self) -> list[Column]:
        """Return its columns from left to right."""
        return [column for field in self.fields for column in field.columns]


def _col(
    heading: str,
    meaning: str,
    list_name: str = "",
    *paths: str,
    closed: bool = False,
    width: int = 16,
    form: Form = "text",
) -> Column:
    return Column(heading, meaning, paths, list_name, closed, width, form)


def _sections() -> Sections:
    return Sections(
        "source",
        (
            _col("Section", f"The number or heading as printed. {SEVERAL}", width=12),
            _col("Document", "The document's key, where the profile has several.", "Documents", "source.document"),
        ),
        required=True,
    )


_NUMBER_PATHS = tuple(
    f"timing.{key}" for key in (*COUNTED.values(), *AGES.values(), *(key for key, _ in NUMBERED.values()), "window")
)
_TIMING = Timing(
    "timing",
    (
        _col("Timing", "within, before, every, … or 'see Phases' where it is written as TOML.", "Kinds", width=15),
        _col("Number", "In digits; for 'between' 0 to 10.", "", *_NUMBER_PATHS, width=10, form="number"),
        _col("Unit", "As the paper prints it. Only 'days'? Choose 'days (kind not printed)'.", "Units", closed=True),
        _col("Counted from", "A dated fact, if not from the event.", "Dates", "timing.from", width=20),
        _col("First day counts", "yes: the event's own day is day 1.", "YesNo", "timing.event_day", closed=True),
        _col("First time", "How an 'every' opens, such as within 10 working days.", "", "timing.first", width=22),
        _col("First time: what", "Its duty, if another one.", "Duties", "timing.first.duty", width=20),
        _col("First time: title", "Its title.", "", "timing.first.title", width=22),
    ),
    required=True,
)
_OTHER = OtherReading(
    "alternatives",
    (
        _col(
            "Other timing",
            "The paper's other limit, such as within 45 calendar days.",
            "",
            "alternatives.timing",
            width=22,
        ),
        _col("Other reading", "Why it may be read so.", "", "alternatives.reading", width=28),
        _col("Other section", "Where it is printed.", "", "alternatives.section", width=12),
        _col("Other unit printed", "no: its unit is not printed.", "YesNo", "alternatives.unit_stated", closed=True),
        _col("Other start", "The event, if it is counted from another.", "Events", "alternatives.event", width=20),
        _col("Other document", "Its document's key, if another one prints it.", "Documents", "alternatives.document"),
    ),
)
_IN_FORCE = InForce(
    "in_force",
    (
        _col("In force from", "A first day of the rule's own.", "", "in_force.from", form="day"),
        _col("In force to", "Its last day.", "", "in_force.to", form="day"),
    ),
)
RULE_FIELDS: tuple[Cells, ...] = (
    Text("id", _col("Id", "Your short name: small letters, digits, hyphens, such as icpc-held."), required=True),
    Word(
        "duty",
        _col("What", "The duty, from the list; the sheet Words explains them.", "Duties", width=26),
        required=True,
    ),
    Text("title", _col("Title", "What has to be done, in your words.", width=38), required=True),
    Listed(
        "event",
        _col("Starts from", f"The event that starts the clock. {SEVERAL}", "Events", width=28),
        required=True,
        words=True,
        one_as_text=True,
    ),
    When("when", _col("Only if", "The circumstances; empty: always. Parts with semicolons.", "Conditions", width=28)),
    _TIMING,
    Listed(
        "responsible",
        _col("Who", f"As the document names them. {SEVERAL}", width=20),
        commas_divide=True,
    ),
    Choice(
        "strength",
        _col("Strength", "must, should or suggested.", "Strengths", closed=True, width=11),
        True,
        STRENGTHS,
    ),
    _sections(),
    Listed(
        "discharged_by",
        _col("Met by", f"The event that shows it done; nothing: no event does. {SEVERAL}", "MetBy", width=26),
        words=True,
        nothing=True,
    ),
    Listed(
        "restarts_on", _col("Starts again from", "For 'every': the visit or review.", "Events", width=24), words=True
    ),
    Text("reading", _col("Reading", "How an unclear paragraph was understood, and why.", width=36)),
    Text("note", _col("Note", "Anything else a reader must know.", width=30)),
    _OTHER,
    Flag("keep_declared", _col("Own timing leads", "yes: it stays the main one.", "YesNo", closed=True)),
    When("restart_when", _col("Starts again only if", "As Only if, of the visit or review.", "Conditions", width=22)),
    When("discharged_when", _col("Met only if", "As Only if, of the event that meets it.", "Conditions", width=22)),
    Listed("ends_on", _col("Ends on", "Events after which it is not owed.", "Events", width=22), words=True),
    When("not_owed_when", _col("Not owed if", "As Only if.", "Conditions", width=22)),
    When("excused_when", _col("Excused if", "As Only if.", "Conditions", width=22)),
    Text("exception_to", _col("Exception to", "The id of the rule that it replaces.", "RuleIds", width=18)),
    _IN_FORCE,
    Choice("basis", _col("Basis", "Empty: as the profile.", "Bases", closed=True), False, BASES),
    Choice(
        "certainty", _col("Certainty", "secondary: the text was not seen whole.", "Certainties"), False, CERTAINTIES
    ),
    Choice("closures", _col("Closures", "count: your closing days count as days.", "Closures"), False, CLOSURES),
    Choice("after_end", _col("After the end", "stays: owed after the plan has ended.", "AfterEnd"), False, AFTER_END),
    Listed("episode", _col("Episode", "What it belongs to.", "Episodes"), words=True, one_as_text=True),
    Word("done_before", _col("Done before", "Met by what this episode already has.", "Episodes")),
    Listed("rests_during", _col("Rests during", "Not owed meanwhile.", "Episodes"), words=True),
    Flag("occasion", _col("Once each", "yes: one act meets only one of them.", "YesNo", closed=True)),
)
UNDATED_FIELDS: tuple[Cells, ...] = (
    Text("id", _col("Id", "Your short name for the standard."), required=True),
    Text("title", _col("Title", "What has to be done, in your words.", width=44), required=True),
    Choice("reason", _col("Reason", "Why it has no date.", "Reasons", closed=True, width=26), True, REASONS),
    _sections(),
    Listed(
        "event",
        _col("Starts from", f"The events that it concerns, if any. {SEVERAL}", "Events", width=30),
        words=True,
    ),
    Word("duty", _col("What", "The duty, if the list has one.", "Duties", width=28)),
    Text("note", _col("Note", "Anything else a reader must know.", width=44)),
)
DOCUMENT_FIELDS: tuple[Cells, ...] = (
    Word("key", _col("Key", "One short word, such as main."), required=True),
    Text("title", _col("Title", "The document's title.", width=50), required=True),
    TextOrDay("issued", _col("Issued", "As printed, such as April 2027.")),
    Text("url", _col("Address", "Where it can be read.", width=40)),
    Text("note", _col("Note", "Anything a reader must know.", width=40)),
    Day("superseded_on", _col("Superseded on", "The day from which answers are warned.", form="day")),
    Text("superseded_by", _col("Superseded by", "The document that took its place.", width=30)),
)
OWN_WORD_FIELDS: tuple[Cells, ...] = (
    Choice(
        "kind",
        _col("Kind", "name: your own name of a shared event.", "WordKinds", closed=True),
        True,
        tuple(WORD_KINDS),
    ),
    Word(
        "word",
        _col("Word", "It begins with local_; for a name, the shared event.", "Events", width=30),
        required=True,
    ),
    Text("definition", _col("Definition", "What it means, in a sentence.", width=44)),
    Text("noun", _col("Noun", "Of an event: how a sentence speaks of it, with its article.", width=30)),
    Word("family", _col("Family", "Of a duty: the general one, or its own word.", "Duties", width=24)),
    Choice("after_end", _col("After the end", "Of a duty: ends or stays.", "AfterEnd", closed=True), False, AFTER_END),
    Word("episode", _col("Episode", "Of an event: what it belongs to.", "Episodes", width=20)),
    Choice("type", _col("Type", "Of a fact.", "Types", closed=True, width=10), False, TYPES),
    Listed("values", _col("Values", f"Of a choice. {SEVERAL}", width=24), words=True),
    Presumed("presumed", _col("Presumed", "Of a fact: what is taken where nobody says.")),
    Listed(
        "scope",
        _col("Scope", "Of a fact: the episode for which it holds.", "Episodes", width=18),
        words=True,
        one_as_text=True,
    ),
    Listed("sets", _col("Sets", "Of an event: the dated facts that it sets.", "Dates"), words=True),
)
PROFILE_FIELDS: tuple[Cells, ...] = (
    Text("key", _col("Key", "How callers name the profile. It never changes: leave the year out."), required=True),
    Text("title", _col("Title", "Such as My Council: practice standards."), required=True),
    Text("authority", _col("Authority", "The council or body.")),
    Text(
        "calendar",
        _col("Calendar", "Whose days do not count: england-and-wales, scotland, … or your own."),
        required=True,
    ),
    Day("in_force_from", _col("In force from", "The first day. Empty if the paper prints none.", form="day")),
    Day("review_due", _col("Review due", "The paper's own review date: later answers are warned.", form="day")),
    Choice("basis", _col("Basis", "Empty for a council's own standards.", "Bases", closed=True), False, BASES),
    Text("extends.key", _col("Extends", "The key of a profile whose rules are taken over.")),
    WholeNumber("extends.version", _col("Extends version", "Its version.", form="number")),
)
TABLES = (
    Sheet(DOCUMENTS, "documents", DOCUMENT_FIELDS),
    Sheet(OWN_WORDS, "vocabulary", OWN_WORD_FIELDS),
    Sheet(RULES, "rules", RULE_FIELDS),
    Sheet(UNDATED, "not_computable", UNDATED_FIELDS),
)
"""In the order of reading: conditions need the facts of the sheet before."""
PHASE_COLUMNS = (
    Column("Sheet", "The sheet of the row that this belongs to.", (), "TableSheets", width=12),
    Column("Id", "The rule's id. On Own words: the kind and the word.", (), width=30),
    Column("TOML", "What does not fit in the row, as in docs/profile-format.md.", (), width=110),
)
