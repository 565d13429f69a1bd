"""English: every ordinal and every plural, against how they are spoken."""

import re

from bpstep.english import counted, listed, neither, ordinal, plural, share, times


def spoken(k: int) -> str:
    """The ending as one says the number aloud: eleventh to thirteenth have their own words."""
    last = k % 100 if k % 100 < 20 else k % 10
    return {1: "st", 2: "nd", 3: "rd"}.get(last, "th")


def test_ordinals_end_as_they_are_spoken() -> None:
    assert [ordinal(k) for k in (1, 2, 3, 10)] == ["first", "second", "third", "tenth"]
    for k in range(11, 2000):
        assert re.sub(r"[\d ]", "", ordinal(k)) == spoken(k), k


def test_one_is_one_and_all_others_are_many() -> None:
    assert [plural(n, "path") for n in (0, 1, 2, 21)] == ["paths", "path", "paths", "paths"]
    assert counted(1, "try", "tries") == "1 try"
    assert counted(1001, "try", "tries") == "1 001 tries"
    assert [times(n) for n in (0, 1, 2, 3)] == ["0 times", "once", "twice", "3 times"]
    assert [share(n) for n in (2, 3, 4, 5, 22)] == ["half", "third", "quarter", "fifth part", "22nd part"]


def test_lists_have_one_word_before_the_last() -> None:
    assert [listed(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert listed(["x", "y"], "or") == "x or y"
    assert neither("[expression]", "[network]") == "neither [expression] nor [network]"
