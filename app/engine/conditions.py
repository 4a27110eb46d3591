"""Conditions in three values: they hold, they do not, or a fact that nobody gave would settle it."""

from __future__ import annotations

from dataclasses import dataclass
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


def _presume(spec: FactSpec) -> tuple[str, ...]:
    if spec.presumed is None:
        return ()
    return (f"{label(spec.key)}: not given, taken as {spoken(spec.presumed)}",)


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact has one of the values."""

    spec: FactSpec
    values: frozenset[FactValue]
    negate: bool = False
    moves: bool = False

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        assumed: tuple[str, ...] = ()
        if value is None:
            if self.spec.presumed is None:
                return Verdict(None, frozenset((self.spec.key,)), (), (Checked(self, self.spec.key, None),))
            value, assumed = self.spec.presumed, _presume(self.spec)
        held = (value in self.values) is not self.negate
        return Verdict(held, NO_NEEDS, assumed, (Checked(self, self.spec.key, held),))

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

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        assumed: tuple[str, ...] = ()
        if value is None:
            if self.spec.presumed is None:
                return Verdict(None, frozenset((self.spec.key,)), (), (Checked(self, self.spec.key, None),))
            value, assumed = self.spec.presumed, _presume(self.spec)
        if not isinstance(value, int):
            raise TypeError(f"{self.spec.key} must be a whole number")
        held = value >= self.number if self.operator == "at_least" else value <= self.number
        return Verdict(held, NO_NEEDS, assumed, (Checked(self, self.spec.key, held),))

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

    def test(self, situation: Situation, day: date) -> Verdict:
        born = situation.facts.get(DATE_OF_BIRTH)
        if not isinstance(born, date):
            return Verdict(None, frozenset((DATE_OF_BIRTH,)), (), (Checked(self, DATE_OF_BIRTH, None),))
        # A child not yet born has no age, neither under nor over one.
        held = born <= day and (birthday(born, self.age) <= day) is (self.operator == "at_least")
        return Verdict(held, NO_NEEDS, (), (Checked(self, DATE_OF_BIRTH, held),))

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

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        if value is None:
            if not self.spec.history:
                return Verdict(None, frozenset((self.spec.key,)), (), (Checked(self, self.spec.key, None),))
            held = not self.wanted
            note = (f"{label(self.spec.key)}: not given, taken as not yet happened",)
            return Verdict(held, NO_NEEDS, note, (Checked(self, self.spec.key, held),))
        if not isinstance(value, date):
            raise TypeError(f"{self.spec.key} must be a date")
        held = (value <= day) is self.wanted
        return Verdict(held, NO_NEEDS, (), (Checked(self, self.spec.key, held),))

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

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        if value is None:
            if self.spec.history:
                note = (f"{label(self.spec.key)}: not given, taken as not yet happened",)
                return Verdict(False, NO_NEEDS, note, (Checked(self, self.spec.key, False),))
            return Verdict(None, frozenset((self.spec.key,)), (), (Checked(self, self.spec.key, None),))
        if not isinstance(value, date):
            raise TypeError(f"{self.spec.key} must be a date")
        up = moved(value, self.length, situation.calendar, 1) <= day
        held = up if self.operator == "at_least_ago" else (not up and value <= day)
        return Verdict(held, NO_NEEDS, (), (Checked(self, self.spec.key, held),))

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
        verdicts = [part.test(situation, day) for part in self.parts]
        for verdict in verdicts:
            if verdict.holds is False:
                return verdict
        return _join(verdicts, None if any(v.holds is None for v in verdicts) else True)

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
        verdicts = [part.test(situation, day) for part in self.parts]
        for verdict in verdicts:
            if verdict.holds:
                return verdict
        return _join(verdicts, None if any(v.holds is None for v in verdicts) else False)

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


def _one(part: Condition) -> str:
    return ", ".join(sorted(part.facts()))


def _join(verdicts: list[Verdict], holds: bool | None) -> Verdict:
    needs: frozenset[str] = frozenset().union(*(v.needs for v in verdicts)) if holds is None else NO_NEEDS
    assumptions = tuple(note for v in verdicts for note in v.assumptions)
    return Verdict(holds, needs, assumptions, tuple(item for v in verdicts for item in v.checked))


def parted(condition: Condition | None) -> tuple[Condition | None, Condition | None]:
    """What of a condition stands for the whole of a series, and what is asked again on the day each interval starts."""
    if condition is None or not condition.moves:
        return condition, None
    parts = condition.parts if isinstance(condition, All) else (condition,)
    still = tuple(part for part in parts if not part.moves)
    moving = tuple(part for part in parts if part.moves)
    return (All(still) if still else None), All(moving, moves=True)
