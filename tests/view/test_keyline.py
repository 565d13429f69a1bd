"""The key line: every key has a page, and each page leads on."""

from __future__ import annotations

import pytest

from bpstep.tui.keys import KEYS
from bpstep.view.drawing import keyline

PAIRS = [(key.shown, key.label) for key in KEYS if key.label and not key.beside]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 220])
def test_every_key_is_on_some_page_and_each_page_fits(width: int) -> None:
    pages = keyline.pages(PAIRS, width)
    assert {pair for page in pages for pair in page} | {(".", "more")} == set(PAIRS) | {(".", "more")}
    for number, page in enumerate(pages):
        shown = keyline.draw(PAIRS, width, number).text()
        assert len(shown) < width
        assert (": command" in shown and "? help" in shown) if number == 0 else shown.endswith(". more")
        assert all(f"{key} {label}" in shown for key, label in page)
    assert len(pages) <= {60: 5, 80: 3, 100: 3}.get(width, 2)


def test_at_80_columns_the_best_keys_are_on_the_first_page() -> None:
    first = keyline.draw(PAIRS, 80).text()
    assert first == " → step  ← back  n neuron  ] phase  w why  Tab view  . more  : command  ? help"
    assert keyline.draw(PAIRS, 80, 1).text().startswith(" p predict  ")
    assert keyline.draw(PAIRS, 80, len(keyline.pages(PAIRS, 80))).text() == first, "the pages go round"


def test_what_turns_no_pages_drops_from_the_right() -> None:
    pairs = [("a", "first"), ("b", "second"), ("c", "third"), (":", "command")]
    assert keyline.draw(pairs, 32).text() == " a first   b second   : command"
    assert keyline.draw(pairs, 5).text().strip()[0] == ":"
