"""Which version answers for a day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.services.snapshot.version_in_force import Period, effective_periods, version_in_force
from app.store import SqlStore
from tests.store.builders import by, publish

START = date(2026, 1, 1)


@dataclass
class Made:
    version: int
    in_force_from: date | None
    published_at: datetime
    withdrawn_at: datetime | None = None


def at(day: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)


def made(version: int, first: date | None, *, published: int = 0, withdrawn: int | None = None) -> Made:
    return Made(version, first, at(published), None if withdrawn is None else at(withdrawn))


def number_in_force(versions: list[Made], day: date, *, known_at: datetime | None = None) -> int | None:
    found = version_in_force(versions, day, known_at=known_at)
    return None if found is None else found.version


def test_a_later_version_ends_the_earlier_ones_force_the_day_before() -> None:
    versions = [made(1, None), made(2, START)]
    assert effective_periods(versions) == {1: Period(None, date(2025, 12, 31)), 2: Period(START, None)}
    assert number_in_force(versions, START - timedelta(days=1)) == 1
    assert number_in_force(versions, START) == 2


def test_a_correction_from_the_same_day_replaces_and_its_withdrawal_gives_back() -> None:
    versions = [made(1, START), made(2, START)]
    assert effective_periods(versions) == {2: Period(START, None)}
    versions[1].withdrawn_at = at(9)
    assert effective_periods(versions) == {1: Period(START, None)}
    assert number_in_force(versions, START, known_at=at(8)) == 2
    assert number_in_force(versions, START, known_at=at(9)) == 1


def test_before_the_first_day_of_all_nothing_answers() -> None:
    assert version_in_force([made(1, START)], START - timedelta(days=1)) is None


def test_what_was_not_published_yet_was_not_known() -> None:
    versions = [made(1, None, published=0), made(2, START, published=20)]
    assert number_in_force(versions, START, known_at=at(19)) == 1
    assert number_in_force(versions, START, known_at=at(20)) == 2


days = st.none() | st.integers(0, 12).map(lambda n: START + timedelta(days=n))
moments = st.integers(0, 6)


@given(
    st.lists(st.tuples(days, moments, st.none() | moments), max_size=6),
    st.none() | moments,
)
def test_the_periods_never_overlap_and_say_who_answers(
    parts: list[tuple[date | None, int, int | None]], known: int | None
) -> None:
    versions = [made(n, first, published=p, withdrawn=w) for n, (first, p, w) in enumerate(parts, start=1)]
    known_at = None if known is None else at(known)
    periods = effective_periods(versions, known_at=known_at)
    for offset in range(-2, 15):
        day = START + timedelta(days=offset)
        answering = version_in_force(versions, day, known_at=known_at)
        assert [n for n, period in periods.items() if day in period] == ([answering.version] if answering else [])


def test_the_store_says_from_when_to_when(store: SqlStore) -> None:
    publish(store, days=15)
    publish(store, days=12, in_force_from=START)
    third = publish(store, days=10, in_force_from=START)

    def force() -> list[tuple[date | None, date | None, bool]]:
        return [(v.in_force_from, v.in_force_to, v.has_force) for v in store.load_everything().profiles]

    eve = START - timedelta(days=1)
    assert force() == [(None, eve, True), (START, None, False), (START, None, True)]
    assert third.has_force
    withdrawn = store.withdraw_profile("swindon", 3, reason="typing error", context=by("cat"))
    assert not withdrawn.has_force
    assert force() == [(None, eve, True), (START, None, True), (START, None, False)]
