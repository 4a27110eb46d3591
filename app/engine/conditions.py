"""Conditions in three values: they hold, they do not, or a missing fact would decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, NamedTuple, Protocol

from app.engine.counting import add_duration
from app.engine.facts import DATE_OF_BIRTH, FactSpec, FactValue, Situation
from app.engine.months import birthday
from app.engine.units import Age, Duration

NO_NEEDS: frozenset[str] = frozenset()


class Condition(Protocol):
    """What every condition must answer."""

    def test(self, situation: Situation, day: date) -> Verdict:
        """Return whether it holds on a day."""
        ...

    def facts(self) -> frozenset[str]:
        """Return the keys of the facts it reads."""
        ...

    def describe(self) -> str:
        """Return it in words."""
        ...

    @property
    def depends_on_date(self) -> bool:
        """Return whether the result may change with the day it is tested on (ages, elapsed time)."""
        ...


class Checked(NamedTuple):
    """One part of a condition with its result, for explanations."""

    condition: Condition
    fact: str
    holds: bool | None
    """None where the fact is missing."""

    @property
    def text(self) -> str:
        """Return the part in words."""
        return self.condition.describe()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of testing a condition."""

    holds: bool | None
    """None where a fact is missing that would decide it."""
    needs: frozenset[str] = NO_NEEDS
    """The facts that would decide it."""
    assumptions: tuple[str, ...] = ()
    checked: tuple[Checked, ...] = ()


HOLDS = Verdict(True)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Every verdict that one part of a condition can have, built once because it is the same for every child."""

    holds: Verdict
    fails: Verdict
    missing: Verdict
    """For a deciding fact that is absent."""
    absent: Verdict
    """For a fact that is absent: its presumption where it has one, otherwise `missing`."""

    def of(self, holds: bool) -> Verdict:
        """Return the verdict for a fact that was sent."""
        return self.holds if holds else self.fails


def _verdicts(condition: Condition, fact: str, presumed: bool | None = None, assumption: str = "") -> Verdicts:
    holds, fails, missing = (
        Verdict(value, frozenset((fact,)) if value is None else NO_NEEDS, (), (Checked(condition, fact, value),))
        for value in (True, False, None)
    )
    if presumed is None:
        return Verdicts(holds, fails, missing, missing)
    usual = holds if presumed else fails
    return Verdicts(holds, fails, missing, replace(usual, assumptions=(assumption,)))


def format_value(value: FactValue) -> str:
    """Return a fact's value as an answer shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value).replace("_", " ")


def key_in_words(key: str) -> str:
    """Return a fact's key in words: placement_started_on as `placement started on`."""
    return key.replace("_", " ")


def fact_label(spec: FactSpec) -> str:
    """Return what a dated fact is the date of: the placement's start, not `placement started on`."""
    return spec.noun or key_in_words(spec.key).removesuffix(" on")


def _presumption(spec: FactSpec) -> str:
    return (
        f"{key_in_words(spec.key)}: not given, taken as {format_value(spec.presumed)}"
        if spec.presumed is not None
        else ""
    )


def _not_yet(spec: FactSpec) -> str:
    return f"{key_in_words(spec.key)}: not given, taken as not yet happened"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact has one of the values."""

    spec: FactSpec
    values: frozenset[FactValue]
    negate: bool = False
    depends_on_date: bool = False
    _key: str = field(init=False, repr=False, compare=False)
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        presumed = self.spec.presumed
        holds = None if presumed is None else self._matches(presumed)
        object.__setattr__(self, "_key", self.spec.key)
        object.__setattr__(self, "_verdicts", _verdicts(self, self.spec.key, holds, _presumption(self.spec)))

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self._key)
        if value is None:
            return self._verdicts.absent
        return self._verdicts.holds if (value in self.values) is not self.negate else self._verdicts.fails

    def _matches(self, value: FactValue) -> bool:
        return (value in self.values) is not self.negate

    def facts(self) -> frozenset[str]:
        return frozenset((self.spec.key,))

    def describe(self) -> str:
        if self.spec.type == "bool" and len(self.values) == 1:
            expected = (True in self.values) is not self.negate
            return f"{key_in_words(self.spec.key)}: {'yes' if expected else 'no'}"
        listed = " or ".join(sorted(format_value(value) for value in self.values))
        return f"{key_in_words(self.spec.key)} is {'not ' if self.negate else ''}{listed}"


@dataclass(frozen=True, slots=True)
class Compare:
    """The whole number is at least, or at most, so much."""

    spec: FactSpec
    operator: Literal["at_least", "at_most"]
    number: int
    depends_on_date: bool = False
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        presumed = self.spec.presumed
        holds = None if presumed is None else self._matches(presumed)
        object.__setattr__(self, "_verdicts", _verdicts(self, self.spec.key, holds, _presumption(self.spec)))

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        return self._verdicts.absent if value is None else self._verdicts.of(self._matches(value))

    def _matches(self, value: FactValue) -> bool:
        if not isinstance(value, int):
            raise TypeError(f"{self.spec.key} must be a whole number")
        return value >= self.number if self.operator == "at_least" else value <= self.number

    def facts(self) -> frozenset[str]:
        return frozenset((self.spec.key,))

    def describe(self) -> str:
        return f"{key_in_words(self.spec.key)} is {self.operator.replace('_', ' ')} {self.number}"


@dataclass(frozen=True, slots=True)
class AgeTest:
    """The child has reached an age on a day, or has not."""

    operator: Literal["at_least", "under"]
    age: Age
    depends_on_date: bool = True
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_verdicts", _verdicts(self, DATE_OF_BIRTH))

    def test(self, situation: Situation, day: date) -> Verdict:
        born = situation.facts.get(DATE_OF_BIRTH)
        if not isinstance(born, date):
            return self._verdicts.missing
        # A child not yet born has no age, neither under nor over one.
        holds = born <= day and (birthday(born, self.age) <= day) is (self.operator == "at_least")
        return self._verdicts.of(holds)

    def facts(self) -> frozenset[str]:
        return frozenset((DATE_OF_BIRTH,))

    def describe(self) -> str:
        return f"the child is {self.operator.replace('_', ' ')} {self.age} old"


@dataclass(frozen=True, slots=True)
class Happened:
    """Something dated has happened by a day, or has not; a history date that is absent has not."""

    spec: FactSpec
    expected: bool
    depends_on_date: bool = True
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        absent = not self.expected if self.spec.history else None
        object.__setattr__(self, "_verdicts", _verdicts(self, self.spec.key, absent, _not_yet(self.spec)))

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        if value is None:
            return self._verdicts.absent
        if not isinstance(value, date):
            raise TypeError(f"{self.spec.key} must be a date")
        return self._verdicts.of((value <= day) is self.expected)

    def facts(self) -> frozenset[str]:
        return frozenset((self.spec.key,))

    def describe(self) -> str:
        return f"{key_in_words(self.spec.key)}: {'has' if self.expected else 'has not'} come by then"


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Something dated happened at least so long ago, or less long ago.

    The end of the time is counted forward from its date by the rules of the unit, so that a first year from
    29 February ends on 28 February, and the boundary day already belongs to what follows.
    """

    spec: FactSpec
    operator: Literal["at_least_ago", "less_than_ago"]
    length: Duration
    depends_on_date: bool = True
    _verdicts: Verdicts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        absent = False if self.spec.history else None
        object.__setattr__(self, "_verdicts", _verdicts(self, self.spec.key, absent, _not_yet(self.spec)))

    def test(self, situation: Situation, day: date) -> Verdict:
        value = situation.facts.get(self.spec.key)
        if value is None:
            return self._verdicts.absent
        if not isinstance(value, date):
            raise TypeError(f"{self.spec.key} must be a date")
        up = add_duration(value, self.length, situation.calendar, 1) <= day
        return self._verdicts.of(up if self.operator == "at_least_ago" else (not up and value <= day))

    def facts(self) -> frozenset[str]:
        return frozenset((self.spec.key,))

    def describe(self) -> str:
        how = "at least" if self.operator == "at_least_ago" else "less than"
        return f"{fact_label(self.spec)} lies {how} {self.length} back"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds. One part that fails decides, whatever is missing for the others."""

    parts: tuple[Condition, ...]
    depends_on_date: bool = False

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

    def describe(self) -> str:
        return "; ".join(part.describe() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds. One that does decides."""

    parts: tuple[Condition, ...]
    depends_on_date: bool = False

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

    def describe(self) -> str:
        return "either " + ", or ".join(part.describe() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition
    depends_on_date: bool = False
    _verdicts: Mapping[bool | None, Verdict] = field(init=False, repr=False, compare=False)
    """By the verdict on the part."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_verdicts", {True: _says(self, False), False: _says(self, True), None: _says(self)})

    def test(self, situation: Situation, day: date) -> Verdict:
        verdict = self.part.test(situation, day)
        own = self._verdicts[verdict.holds]
        if verdict.needs or verdict.assumptions:
            return Verdict(own.holds, verdict.needs, verdict.assumptions, own.checked)
        return own

    def facts(self) -> frozenset[str]:
        return self.part.facts()

    def describe(self) -> str:
        return f"not ({self.part.describe()})"


@dataclass(frozen=True, slots=True)
class Unless:
    """The part is not known to hold: what would take a duty back has not been said."""

    part: Condition
    depends_on_date: bool = False
    _verdicts: Mapping[bool | None, Verdict] = field(init=False, repr=False, compare=False)
    """By the verdict on the part."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_verdicts", {True: _says(self, False), False: _says(self, True), None: HOLDS})

    def test(self, situation: Situation, day: date) -> Verdict:
        verdict = self.part.test(situation, day)
        own = self._verdicts[verdict.holds]
        return Verdict(own.holds, own.needs, verdict.assumptions, own.checked) if verdict.assumptions else own

    def facts(self) -> frozenset[str]:
        return self.part.facts()

    def describe(self) -> str:
        return f"unless {self.part.describe()}"


def _says(condition: Condition, holds: bool | None = None) -> Verdict:
    """Return the verdict on a condition on another one, which names every fact that it reads."""
    return Verdict(holds, checked=(Checked(condition, ", ".join(sorted(condition.facts())), holds),))


def _join(verdicts: list[Verdict], holds: bool | None) -> Verdict:
    needs: frozenset[str] = frozenset().union(*(v.needs for v in verdicts)) if holds is None else NO_NEEDS
    assumptions: tuple[str, ...] = ()
    checked: tuple[Checked, ...] = ()
    for verdict in verdicts:
        assumptions += verdict.assumptions
        checked += verdict.checked
    return Verdict(holds, needs, assumptions, checked)
