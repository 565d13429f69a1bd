"""Glyphs: the stroke table, the stand-ins of the poorer sets, and what may reach a terminal."""

import unicodedata
from dataclasses import astuple
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bpstep.view.drawing.glyphs import (
    ASCII,
    FULL,
    GLYPH_SETS,
    HEAVY,
    LIGHT,
    SAFE,
    STROKES,
    arms,
    glyphs_for_encoding,
    printable,
)
from bpstep.view.symbols.formula import NOTATIONS

EVERY_SHAPE = [arms(*weights) for weights in product((0, LIGHT, HEAVY), repeat=4)]
ON_THE_SCREEN = "∂δηΣΔ×·−½²′…→←↑↓▶◀◆●█▐┄╱╲‹›~?!" + "".join(STROKES[shape] for shape in EVERY_SHAPE)

# What the box-drawing, block and symbol parts of Liberation Mono hold, as far as it matters here (WGL4).
IN_LIBERATION_MONO = set("─│┌┐└┘├┤┬┴┼═║╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡╢╣╤╥╦╧╨╩╪╫╬▀▄█▌▐■●►◄▲▼←↑→↓∂δηΣΔ×·−½²′…‹›")


def test_every_combination_of_arms_has_its_own_glyph():
    glyphs = [STROKES[shape] for shape in EVERY_SHAPE]
    assert len(set(glyphs)) == 81
    assert STROKES[0] == " "
    assert all(unicodedata.name(glyph).startswith("BOX DRAWINGS") for glyph in glyphs if glyph != " ")


@pytest.mark.parametrize(
    ("shape", "glyph"),
    [
        (arms(up=LIGHT, down=LIGHT), "│"),
        (arms(left=HEAVY, right=HEAVY), "━"),
        (arms(right=LIGHT, down=LIGHT), "╭"),
        (arms(right=HEAVY, down=HEAVY), "┏"),
        (arms(right=HEAVY, down=LIGHT), "┍"),
        (arms(left=LIGHT), "╴"),
        (arms(right=HEAVY), "╺"),
        (arms(left=LIGHT, right=HEAVY), "╼"),
        (arms(up=HEAVY, left=HEAVY, down=LIGHT), "┩"),
        (arms(up=HEAVY, right=HEAVY, left=LIGHT, down=LIGHT), "╄"),
        (arms(up=HEAVY, left=HEAVY, right=LIGHT), "┹"),
        (arms(up=LIGHT, right=HEAVY, down=HEAVY), "┢"),
    ],
)
def test_the_glyphs_that_the_pictures_show(shape, glyph):
    assert STROKES[shape] == glyph


@pytest.mark.parametrize("glyphs", GLYPH_SETS.values(), ids=GLYPH_SETS)
def test_a_translation_keeps_every_column(glyphs):
    for char in ON_THE_SCREEN + "".join(map(chr, range(0x2800, 0x2900))):
        assert len(glyphs.translate(char)) == 1
        assert cell_len(glyphs.translate(char)) == 1


def test_safe_is_in_liberation_mono():
    translated = set(SAFE.translate(ON_THE_SCREEN + "".join(map(chr, range(0x2800, 0x2900)))))
    assert {char for char in translated if not char.isascii()} <= IN_LIBERATION_MONO


def test_ascii_is_ascii_whatever_comes():
    assert ASCII.translate(ON_THE_SCREEN).isascii()
    assert ASCII.translate("é漢Ж🙂") == "e???"


def test_safe_keeps_the_direction_of_the_arms():
    assert SAFE.translate("╭╮╰╯┏┛┨┥┩╄╴╸╼╽") == "┌┐└┘╔╝╢╡╣╬─══║"


def test_ascii_keeps_states_apart():
    marks = ASCII.translate("…~*·?!")
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize("notation", NOTATIONS.values(), ids=str)
def test_no_two_letters_of_a_notation_become_one_in_ascii(notation):
    letters = {*"∂", *(name for name in astuple(notation)[1:] if isinstance(name, str) and len(name) == 1)}
    assert len(set(map(ASCII.translate, letters))) == len(letters)


def test_curves_survive_as_half_blocks():
    assert SAFE.translate("⠉⣀⣿⠀") == "▀▄█ "
    assert ASCII.translate("⠉⣀⣿⠀") == "'.: "


def test_spelling_writes_out_what_one_character_cannot_say():
    assert ASCII.spell("½(y − t)²") == "1/2 (y − t)^2"
    assert ASCII.write("½ δ² → ▶") == "1/2 D^2 -> >"
    assert FULL.spell("½ x²") == SAFE.spell("½ x²") == "½ x²"


@pytest.mark.parametrize(
    ("encoding", "glyphs"),
    [("utf-8", FULL), ("UTF-8", FULL), ("utf8", FULL), ("UTF_8", FULL),
     ("iso-8859-1", ASCII), ("ANSI_X3.4-1968", ASCII), (None, ASCII)],
)  # fmt: skip
def test_ascii_is_chosen_where_the_encoding_is_not_utf8(encoding, glyphs):
    assert glyphs_for_encoding(encoding) is glyphs


@given(st.text())
def test_printable_text_is_one_visible_cell_per_character(text):
    shown = printable(text)
    assert len(shown) == len(text) == cell_len(shown)
    assert shown.isprintable()
    assert printable(shown) == shown


def test_nothing_that_controls_a_terminal_gets_through():
    assert printable("a\x1b]0;title\x07b\u202ec\u200d\x9b\x7f\r\n") == "a?]0;title?b?c?????"
    assert printable("δ(h1) = ∂E/∂e") == "δ(h1) = ∂E/∂e"
