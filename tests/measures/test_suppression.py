"""Small numbers are not given away, neither by themselves nor by subtraction."""

from hypothesis import given
from hypothesis import strategies as st

from app.services.measures.suppression import SUPPRESSED, small, suppress_parts, suppress_share

COUNTS = st.integers(0, 60)


@given(total=COUNTS, data=st.data())
def test_no_share_gives_away_a_small_number(total: int, data: st.DataObject) -> None:
    in_time = data.draw(st.integers(0, total))
    numerator, denominator, share = suppress_share(in_time, total)
    shown = [number for number in (numerator, denominator) if isinstance(number, int)]
    assert not any(small(number) for number in shown)
    if isinstance(numerator, int) and isinstance(denominator, int):
        assert not small(denominator - numerator)
    assert (share == SUPPRESSED) == (SUPPRESSED in (numerator, denominator))


@given(parts=st.lists(COUNTS, max_size=8))
def test_no_part_can_be_found_from_the_total_and_the_others(parts: list[int]) -> None:
    shown = suppress_parts(parts)
    hidden = [number for number, what in zip(parts, shown, strict=True) if what == SUPPRESSED]
    assert not any(isinstance(what, int) and small(what) for what in shown)
    # One hidden part stands alone only where all others are nought: then the total is as small as the part.
    assert len(hidden) != 1 or sum(parts) == hidden[0]


def test_what_is_not_small_stands() -> None:
    assert suppress_share(40, 50) == (40, 50, 0.8)
    assert suppress_parts([0, 10, 20]) == [0, 10, 20]
    assert suppress_parts([3, 10, 20]) == [SUPPRESSED, SUPPRESSED, 20]
