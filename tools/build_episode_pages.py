"""Write docs/episodes.md and docs/facts.md from the vocabulary: what opens each episode, how long each fact holds."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from app.engine.compiled_profile import Rule
from app.engine.conditions import Condition
from app.engine.episodes import EpisodeSpec
from app.engine.facts import CASE, CHILD, THIS_EVENT, FactSpec
from app.engine.vocabulary import Vocabulary
from app.profiles.vocabulary import shared_vocabulary
from app.services.snapshot.offline import packaged_snapshot

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
EPISODES_INTRODUCTION = """# Episodes

An episode is a stretch of a child's case that one event opens and another closes. This page is generated from the
vocabulary with `make docs`. How a case is read by its episodes is told in [cases.md](cases.md), and how long each fact
holds in [facts.md](facts.md).

- The next of its kind closes an episode, unless several may run at once. The end of the episode that it lies in closes
  it too, and the closing of the case closes everything.
- Two openers of different types are two ways of saying one start: the second joins the episode that the first opened.
- On a day without times, what ended comes before what began, of the same kind.
"""
FACTS_INTRODUCTION = """# How long facts hold

A fact sent with an event holds from then to the end of its scope, and not a day longer; `null` takes it back. This page
is generated from the vocabulary with `make docs`. What opens and closes each episode is on the page about
[episodes](episodes.md).

- **The child**: it holds always.
- **One event**: it is about that event and what the event starts, and says nothing of a later one.
- **An episode**: it holds to the end of that episode. Sent before one has begun, it holds for the next one of its kind.

A fact that nobody gave, or that has lapsed, is one of three: *asked for* (the rules that read it wait for it, by name),
*taken as* its usual value with an assumption, or *not yet happened* (a date of history).
"""


def described(condition: Condition) -> str:
    """Return a condition in words."""
    return condition.describe()


def openings(kind: EpisodeSpec, conditions: Mapping[str, Condition], events: tuple[str, ...]) -> Iterator[str]:
    """Yield each event with the condition under which it counts."""
    for event in events:
        text = f"`{event}`"
        if event in conditions:
            text += f" ({described(conditions[event])})"
        if event in kind.joined_by:
            text += ", joining one that runs"
        yield text


def row(kind: EpisodeSpec, vocabulary: Vocabulary) -> str:
    """Return the table's row of one kind."""
    opened = "; ".join(openings(kind, kind.opened_when, kind.opened_by)) or "the first event of the list"
    closed = "; ".join(openings(kind, kind.closed_when, kind.closed_by)) or "what it lies in"
    if not kind.several and kind.key != CASE:
        closed += "; the next of its kind"
    outer = vocabulary.episodes[kind.within].noun if kind.within is not None else ""
    several = ["several at once"] if kind.several else []
    marks = [*several, *(["no break on one day"] if kind.unbroken else [])]
    lies = ", ".join(part for part in (outer, *marks) if part)
    return f"| `{kind.key}` | {kind.definition} | {opened} | {closed} | {lies} |"


def drawing(vocabulary: Vocabulary) -> str:
    """Draw which episode lies in which, with the events that open and close it."""
    lines = ["```mermaid", "flowchart LR"]
    for kind in vocabulary.episodes.values():
        opened = ", ".join(kind.opened_by) or "first event"
        closed = ", ".join(kind.closed_by) or "the next of its kind"
        lines.append(f'  {kind.key}["{kind.noun}<br/>opens: {opened}<br/>closes: {closed}"]')
    lines += [f"  {kind.within} --> {kind.key}" for kind in vocabulary.episodes.values() if kind.within is not None]
    return "\n".join([*lines, "```"])


def episodes_page(vocabulary: Vocabulary) -> str:
    """Return the page about episodes."""
    rows = [row(kind, vocabulary) for kind in sorted(vocabulary.episodes.values(), key=lambda each: each.key)]
    table = "\n".join(["| episode | what it is | opened by | closed by | lies in |", "|---|---|---|---|---|", *rows])
    return f"{EPISODES_INTRODUCTION}\n{drawing(vocabulary)}\n\n{table}\n\n{ends_of_rules()}"


def ends_of_rules() -> str:
    """Return, for each packaged profile, the rules that stay due after their episode, and those that are taken back."""
    parts = [
        "## What ends an obligation",
        "",
        (
            "An obligation ends with the episode that it lies in. What stays due after that end, and what a later word "
            "takes back, is listed here for each profile."
        ),
    ]
    snapshot = packaged_snapshot()
    for key in sorted(snapshot.profiles):
        profile = snapshot.profiles[key][-1].profile
        lines = [line for rule in profile.rules if (line := end_of(rule))]
        parts += [
            "",
            f"### {profile.title}",
            "",
            "| rule | stays due after its episode | taken back, or at rest |",
            "|---|---|---|",
            *lines,
        ]
    return "\n".join(parts) + "\n"


def end_of(rule: Rule) -> str:
    """Return the row of a rule that its episode's end alone does not end; nothing for any other."""
    stays = ""
    if rule.after_end == "stays":
        stays = "until " + ", ".join(f"`{event}`" for event in rule.ends_on) if rule.ends_on else "until it is done"
    parts = [described(rule.not_owed_when)] if rule.not_owed_when is not None else []
    parts += [f"while `{kind}` runs" for kind in rule.rests_during]
    return f"| `{rule.id}`: {rule.title} | {stays} | {'; '.join(parts)} |" if stays or parts else ""


def holds(spec: FactSpec, vocabulary: Vocabulary) -> str:
    """Return how long a fact holds, in words."""
    if spec.scope == CHILD:
        return "the child"
    if spec.scope == THIS_EVENT:
        return "one event"
    return ", or ".join(vocabulary.episodes[scope].noun for scope in spec.scopes)


def absent(spec: FactSpec) -> str:
    """Return what is made of a fact that nobody gave."""
    if spec.history:
        return "not yet happened"
    if spec.presumed is None:
        return "asked for"
    value = ("yes" if spec.presumed else "no") if isinstance(spec.presumed, bool) else spec.presumed
    return f"taken as {value}" + (", until its episode ends" if spec.presumed_until_end else "")


def facts_page(vocabulary: Vocabulary) -> str:
    """Return the page about facts."""
    rows = []
    for spec in sorted(vocabulary.facts.values(), key=lambda each: each.key):
        counted = f" Counted from the list: {', '.join(f'`{event}`' for event in spec.counts)}." if spec.counts else ""
        rows.append(f"| `{spec.key}` | {spec.definition}{counted} | {holds(spec, vocabulary)} | {absent(spec)} |")
    table = "\n".join(["| fact | what it says | holds for | where nobody gave it |", "|---|---|---|---|", *rows])
    return f"{FACTS_INTRODUCTION}\n{table}\n"


if __name__ == "__main__":
    words = shared_vocabulary()
    for name, page in (("episodes.md", episodes_page(words)), ("facts.md", facts_page(words))):
        (DOCS / name).write_text(page, encoding="utf-8")
        print(f"wrote docs/{name}")
