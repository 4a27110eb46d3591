"""Conditions in three values: they hold, they do not, or a fact that nobody gave would settle it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple, Protocol

from app.engine.counting import moved
from app.engine.facts import DATE_OF_BIRTH, FactSpec, FactValue, Situation
from app.engine.months import birthday
from app.engine.units import Age, Duration

NO_NEEDS: frozenset[str] = frozenset()


class Condition(Protocol):
    """What every condition answers."""

    def test(self, situation: Situation, day: date) -> Verdict: ...
    def facts(self) -> frozenset[str]: ...
    def words(self) -> str: ...
    @property
    def moves(self) -> bool:
        """Whether the answer may change with the day it is asked on (ages, elapsed time)."""
        ...


class Checked(NamedTuple):
    """One atom of a condition as it was found: what was asked, of which fact, and whether it held."""

    condition: Condition
    fact: str
    held: bool | None

    @property
    def text(self) -> str:
        """What was asked, in words."""
        return self.condition.words()


class Verdict(NamedTuple):
    """Whether a condition holds (None: cannot be said), what would settle it, and what was taken for granted."""

    holds: bool | None
    needs: frozenset[str] = NO_NEEDS
    assumptions: tuple[str, ...] = ()
    checked: tuple[Checked, ...] = ()


HOLDS = Verdict(True)


class Verdicts(NamedTuple):
    """Every verdict that one atom can come to: put together once, because it says the same of every child.

    `presumed` stands for the fact's absence where that is taken for something.
    """

    holds: Verdict
    fails: Verdict
    unknown: Verdict
    presumed: Verdict

    def of(self, held: bool) -> Verdict:
        return self.holds if held else self.fails


def _verdicts(condition: Condition, fact: str, presumed: bool | None = None, note: str = "") -> Verdicts:
    holds, fails, unknown = (
        Verdict(held, frozenset((fact,)) if held is None else NO_NEEDS, (), (Checked(condition, fact, held),))
        for held in (True, False, None)
    )
    if presumed is None:
        return Verdicts(holds, fails, unknown, unknown)
    return Verdicts(holds, fails, unknown, (holds if presumed else fails)._replace(assumptions=(note,)))


def spoken(value: FactValue) -> str:
    """A fact's value as it is written in an answer."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value).replace("_", " ")


def label(key: str) -> str:
    """A fact's key in plain words."""
    return key.replace("_", " ")


def called(spec: FactSpec) -> str:
    """What a dated fact is the date of: the placement's start, not "placement started on"."""
    return spec.noun or label(spec.key).removesuffix(" on")


def _presumption(spec: FactSpec) -> str:
    return f"{label(spec.key)}: not given, taken as {spoken(spec.presumed)}" if spec.presumed is not None else ""


def _not_yet(spec: FactSpec) -> str:
    return f"{label(spec.key)}: not given, taken as not yet happened"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact has one of the values."""

    spec: FactSpec
    values: frozenset[FactValue]
    negate: bool = False
    moves: bool = False
    _key: str = field(init=False, repr=False, compare=False)
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        presumed = self.spec.presumed
        held = None if presumed is None else self._held(presumed)
        object.__setattr__(self, "_key", self.spec.key)
        object.__setattr__(self, "_verdicts", _verdicts(self, self.spec.key, held, _presumption(self.spec)))

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self._key)
        if value is None:
            return self._verdicts.presumed
        return self._verdicts.holds if (value in self.values) is not self.negate else self._verdicts.fails

    def _held(self, value: FactValue) -> bool:
        return (value in self.values) is not self.negate

    def facts(self) -> frozenset[str]:
        return frozenset((self.spec.key,))

    def words(self) -> str:
        if self.spec.type == "bool" and len(self.values) == 1:
            wanted = (True in self.values) is not self.negate
            return f"{label(self.spec.key)}: {'yes' if wanted else 'no'}"
        listed = " or ".join(sorted(spoken(value) for value in self.values))
        return f"{label(self.spec.key)} is {'not ' if self.negate else ''}{listed}"


@dataclass(frozen=True, slots=True)
class Compare:
    """The whole number is at least, or at most, so much."""

    spec: FactSpec
    operator: Literal["at_least", "at_most"]
    number: int
    moves: bool = False
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        presumed = self.spec.presumed
        held = None if presumed is None else self._held(presumed)
        object.__setattr__(self, "_verdicts", _verdicts(self, self.spec.key, held, _presumption(self.spec)))

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        return self._verdicts.presumed if value is None else self._verdicts.of(self._held(value))

    def _held(self, value: FactValue) -> bool:
        if not isinstance(value, int):
            raise TypeError(f"{self.spec.key} must be a whole number")
        return value >= self.number if self.operator == "at_least" else value <= self.number

    def facts(self) -> frozenset[str]:
        return frozenset((self.spec.key,))

    def words(self) -> str:
        return f"{label(self.spec.key)} is {self.operator.replace('_', ' ')} {self.number}"


@dataclass(frozen=True, slots=True)
class AgeTest:
    """The child has reached an age on the day asked about, or has not."""

    operator: Literal["at_least", "under"]
    age: Age
    moves: bool = True
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_verdicts", _verdicts(self, DATE_OF_BIRTH))

    def test(self, situation: Situation, day: date) -> Verdict:
        born = situation.facts.get(DATE_OF_BIRTH)
        if not isinstance(born, date):
            return self._verdicts.unknown
        # A child not yet born has no age, neither under nor over one.
        held = born <= day and (birthday(born, self.age) <= day) is (self.operator == "at_least")
        return self._verdicts.of(held)

    def facts(self) -> frozenset[str]:
        return frozenset((DATE_OF_BIRTH,))

    def words(self) -> str:
        return f"the child is {self.operator.replace('_', ' ')} {self.age} old"


@dataclass(frozen=True, slots=True)
class Happened:
    """A dated thing has happened by the day asked about (a history date that is absent has not)."""

    spec: FactSpec
    wanted: bool
    moves: bool = True
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        absent = not self.wanted if self.spec.history else None
        object.__setattr__(self, "_verdicts", _verdicts(self, self.spec.key, absent, _not_yet(self.spec)))

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        if value is None:
            return self._verdicts.presumed
        if not isinstance(value, date):
            raise TypeError(f"{self.spec.key} must be a date")
        return self._verdicts.of((value <= day) is self.wanted)

    def facts(self) -> frozenset[str]:
        return frozenset((self.spec.key,))

    def words(self) -> str:
        return f"{label(self.spec.key)}: {'has' if self.wanted else 'has not'} come by then"


@dataclass(frozen=True, slots=True)
class Elapsed:
    """A dated thing lies so long ago, or less: `at_least` (the time is up by the day) or `less_than`, or in the last N.

    The end of the time is counted forward from the dated thing by the rules of its unit, so that a first year from
    29 February ends on 28 February, and the boundary day already belongs to what follows.
    """

    spec: FactSpec
    operator: Literal["at_least_ago", "less_than_ago"]
    length: Duration
    moves: bool = True
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        absent = False if self.spec.history else None
        object.__setattr__(self, "_verdicts", _verdicts(self, self.spec.key, absent, _not_yet(self.spec)))

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        if value is None:
            return self._verdicts.presumed
        if not isinstance(value, date):
            raise TypeError(f"{self.spec.key} must be a date")
        up = moved(value, self.length, situation.calendar, 1) <= day
        return self._verdicts.of(up if self.operator == "at_least_ago" else (not up and value <= day))

    def facts(self) -> frozenset[str]:
        return frozenset((self.spec.key,))

    def words(self) -> str:
        how = "at least" if self.operator == "at_least_ago" else "less than"
        return f"{called(self.spec)} lies {how} {self.length} back"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds. One part that fails settles it, whatever is unknown of the others."""

    parts: tuple[Condition, ...]
    moves: bool = False

    def test(self, situation: Situation, day: date) -> Verdict:
        holds: Literal[True] | None = True
        verdicts = []
        for part in self.parts:
            verdict = part.test(situation, day)
            if verdict.holds is False:
                return verdict
            if verdict.holds is None:
                holds = None
            verdicts.append(verdict)
        return _join(verdicts, holds)

    def facts(self) -> frozenset[str]:
        return frozenset().union(*(part.facts() for part in self.parts))

    def words(self) -> str:
        return "; ".join(part.words() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds. One that does settles it."""

    parts: tuple[Condition, ...]
    moves: bool = False

    def test(self, situation: Situation, day: date) -> Verdict:
        holds: Literal[False] | None = False
        verdicts = []
        for part in self.parts:
            verdict = part.test(situation, day)
            if verdict.holds:
                return verdict
            if verdict.holds is None:
                holds = None
            verdicts.append(verdict)
        return _join(verdicts, holds)

    def facts(self) -> frozenset[str]:
        return frozenset().union(*(part.facts() for part in self.parts))

    def words(self) -> str:
        return "either " + ", or ".join(part.words() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition
    moves: bool = False

    def test(self, situation: Situation, day: date) -> Verdict:
        verdict = self.part.test(situation, day)
        holds = None if verdict.holds is None else not verdict.holds
        return Verdict(holds, verdict.needs, verdict.assumptions, (Checked(self, _one(self.part), holds),))

    def facts(self) -> frozenset[str]:
        return self.part.facts()

    def words(self) -> str:
        return f"not ({self.part.words()})"


@dataclass(frozen=True, slots=True)
class Unless:
    """The part is not known to hold: what would take a duty back has not been said."""

    part: Condition
    moves: bool = False

    def test(self, situation: Situation, day: date) -> Verdict:
        verdict = self.part.test(situation, day)
        holds = verdict.holds is not True
        checked = (Checked(self, _one(self.part), holds),) if verdict.holds is not None else ()
        return Verdict(holds, NO_NEEDS, verdict.assumptions, checked)

    def facts(self) -> frozenset[str]:
        return self.part.facts()

    def words(self) -> str:
        return f"unless {self.part.words()}"


def _one(part: Condition) -> str:
    return ", ".join(sorted(part.facts()))


def _join(verdicts: list[Verdict], holds: bool | None) -> Verdict:
    needs: frozenset[str] = frozenset().union(*(v.needs for v in verdicts)) if holds is None else NO_NEEDS
    assumptions: tuple[str, ...] = ()
    checked: tuple[Checked, ...] = ()
    for verdict in verdicts:
        assumptions += verdict.assumptions
        checked += verdict.checked
    return Verdict(holds, needs, assumptions, checked)


def parted(condition: Condition | None) -> tuple[Condition | None, Condition | None]:
    """What of a condition stands for the whole of a series, and what is asked again on the day each interval starts."""
    if condition is None or not condition.moves:
        return condition, None
    parts = condition.parts if isinstance(condition, All) else (condition,)
    still = tuple(part for part in parts if not part.moves)
    moving = tuple(part for part in parts if part.moves)
    return (All(still) if still else None), All(moving, moves=True)


def fails_for_good(condition: Condition, situation: Situation, day: date) -> bool:
    """Whether a condition that fails on a day fails on every later one: an age once passed does not come back."""
    if not condition.moves:
        return condition.test(situation, day).holds is False
    if isinstance(condition, All):
        return any(fails_for_good(part, situation, day) for part in condition.parts)
    if isinstance(condition, AgeTest) and condition.operator == "under":
        born = situation.facts.get(DATE_OF_BIRTH)
        return isinstance(born, date) and born <= day and condition.test(situation, day).holds is False
    if isinstance(condition, Elapsed) and condition.operator == "less_than_ago":
        since = situation.facts.get(condition.spec.key)
        return isinstance(since, date) and since <= day and condition.test(situation, day).holds is False
    return False


def holds_for_good(condition: Condition, situation: Situation, day: date) -> bool:
    """Whether a condition that holds on a day holds on every later one: an age once reached stays reached."""
    if isinstance(condition, All):
        return all(holds_for_good(part, situation, day) for part in condition.parts)
    lasting = (
        not condition.moves
        or (isinstance(condition, AgeTest) and condition.operator == "at_least")
        or (isinstance(condition, Happened) and condition.wanted)
        or (isinstance(condition, Elapsed) and condition.operator == "at_least_ago")
    )
    return lasting and condition.test(situation, day).holds is True
