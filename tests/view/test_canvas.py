"""The canvas: strokes that join, labels that cover, rows that say what changed."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.glyphs import ASCII, GLYPH_SETS, SAFE

# The network pane of the picture 120x40-d, rows 4 to 12.
KEY_PICTURE = """\
 i1      ╭──╴0.1500─╮ ┏━ h1 ━━━━━━━━━━━━━━━━━┓ ┏━━╸0.4000━┓ ╭─ o1 ──────── t 0.01 ─╮
 0.05000─┤ ╭╴0.2000─┼─┨e  0.3775 ▶ y  0.5933 ┣◀┩ ╭╴0.4500─╄━┥e  1.106  ▶ y  0.7514 │
         │ b 0.3500─╯ ┃δ ·       ◀ ∂y+0.05540┃ │ b 0.6000─╯ │δ +0.1385 ◀ ∂y+0.7414 │
         │ │          ┗━ f′ · ━━━━━━ 1 of 2 ━┛ │ │          ╰─ f′ +0.1868 ─────────╯
         │ │                                   │ │
 i2      ╰─┼╴0.2500─╮ ╭─ h2 ─────────────────╮ ╰─┼╴0.5000─╮ ╭─ o2 ──────── t 0.99 ─╮
 0.1000 ───┴╴0.3000─┼─┤e  0.3925 ▶ y  0.5969 ├◀──┴╴0.5500─┼─┤e  1.225  ▶ y  0.7729 │
           b 0.3500─╯ │δ ·       ◀ ∂y ·      │   b 0.6000─╯ │δ −0.03810◀ ∂y−0.2171 │
                      ╰─ f′ · ───────────────╯              ╰─ f′ +0.1755 ─────────╯"""


def draw_zone(canvas, source, lane, weights):
    """Wires between two columns of two neurons: lanes, brackets with their weights, and arms to the cards."""
    label, bracket, card = lane + 4, lane + 11, lane + 13
    for row in (0, 5):
        canvas.path([(label, row), (bracket, row), (bracket, row + 2), (label, row + 2)])
        canvas.hline(label, row + 1, card)
    canvas.path([(lane + 3, 0), (lane, 0), (lane, 5), (lane + 3, 5)])
    canvas.hline(source, 1, lane)
    canvas.path([(lane + 3, 1), (lane + 2, 1), (lane + 2, 6)])
    canvas.hline(source, 6, lane + 3)
    rows = (0, 1, 2, 5, 6, 7)
    return [(lane + 2, row, f"b {weight}") if row in (2, 7) else (label, row, weight)
            for row, weight in zip(rows, weights, strict=True)]  # fmt: skip


def draw_card(canvas, x, y, heavy, name, upper, lower, foot):
    """A frame, and the labels that go on and into it: (offset, text)."""
    canvas.box(x, y, 24, 4, "edge-active-deriv" if heavy else "edge", heavy=heavy)
    labels = [(x + 2, y, f" {name} "), (x + 1, y + 1, upper), (x + 1, y + 2, lower)]
    return labels + [(x + offset, y + 3, text) for offset, text in foot]


def draw_key_picture():
    canvas = Canvas(85, 9)
    labels = [(1, 0, "i1"), (1, 1, "0.05000"), (1, 5, "i2"), (1, 6, "0.1000 ")]
    labels += draw_zone(canvas, 7, 9, ["0.1500", "0.2000", "0.3500", "0.2500", "0.3000", "0.3500"])
    labels += draw_zone(canvas, 45, 47, ["0.4000", "0.4500", "0.6000", "0.5000", "0.5500", "0.6000"])
    cards = [
        (22, 0, True, "h1", "e  0.3775 ▶ y  0.5933 ", "δ ·       ◀ ∂y+0.05540",
         [(2, " f′ · "), (14, " 1 of 2 ")]),
        (22, 5, False, "h2", "e  0.3925 ▶ y  0.5969 ", "δ ·       ◀ ∂y ·      ", [(2, " f′ · ")]),
        (60, 0, False, "o1", "e  1.106  ▶ y  0.7514 ", "δ +0.1385 ◀ ∂y+0.7414 ", [(2, " f′ +0.1868 ")]),
        (60, 5, False, "o2", "e  1.225  ▶ y  0.7729 ", "δ −0.03810◀ ∂y−0.2171 ", [(2, " f′ +0.1755 ")]),
    ]  # fmt: skip
    for card in cards:
        labels += draw_card(canvas, *card)
    labels += [(74, 0, " t 0.01 "), (74, 5, " t 0.99 ")]
    wire = [(45, 1), (47, 1), (47, 0), (50, 0)], [(56, 0), (58, 0), (58, 1), (60, 1)]
    for part in wire:
        canvas.path(part, "edge-active-deriv", heavy=True)
    for x, y, text in labels:
        canvas.put(x, y, text)
    canvas.arrow(46, 1, "left", "edge-active-deriv")
    canvas.arrow(46, 6, "left")
    return canvas


def test_the_key_picture_comes_out_of_plain_strokes():
    assert draw_key_picture().text() == KEY_PICTURE


def test_the_heaviest_stroke_gives_a_cell_its_role_and_of_equals_the_last():
    canvas = draw_key_picture()
    roles = {(x, y): role for y in range(canvas.height) for x, role in enumerate(roles_of(canvas.row(y)))}
    assert roles[47, 1] == roles[58, 1] == roles[60, 1] == "edge-active-deriv"
    assert roles[47, 2] == roles[58, 2] == roles[60, 2] == "edge"
    canvas.hline(45, 1, 47, "edge")  # light after heavy: neither glyph nor role gives way
    assert canvas.text() == KEY_PICTURE
    assert roles_of(canvas.row(1))[47] == "edge-active-deriv"
    canvas.hline(45, 1, 47, "edge-active-update", heavy=True)
    assert roles_of(canvas.row(1))[47] == "edge-active-update"


def roles_of(row):
    return [role for text, role in row for _ in text]


def test_the_key_picture_in_the_other_glyph_sets():
    safe, ascii_ = draw_key_picture().text(SAFE).split("\n"), draw_key_picture().text(ASCII).split("\n")
    assert safe[1] == " 0.05000─┤ ┌─0.2000─┼─╢e  0.3775 ► y  0.5933 ╠◄╣ ┌─0.4500─╬═╡e  1.106  ► y  0.7514 │"
    assert ascii_[0] == " i1      +---0.1500-+ += h1 =================+ +===0.4000=+ +- o1 -------- t 0.01 -+"
    assert ascii_[2] == "         | b 0.3500-+ #D .       < dy+0.05540# | b 0.6000-+ |D +0.1385 < dy+0.7414 |"


def test_a_stroke_runs_from_middle_to_middle():
    canvas = Canvas(5, 3)
    canvas.hline(3, 0, 1)
    canvas.vline(0, 2, 0, heavy=True)
    assert canvas.text() == "╻╶─╴\n┃\n╹"
    canvas.hline(2, 2, 2)
    canvas.vline(2, 2, 2)
    assert canvas.text() == "╻╶─╴\n┃\n╹"


def test_stubs_make_the_arms_of_a_bracket():
    canvas = Canvas(9, 2)
    canvas.hline(0, 1, 8, "deriv")
    canvas.stub(0, 1, "up", role="deriv")
    canvas.stub(8, 1, "up", role="deriv")
    canvas.put(1, 1, " ready ")
    assert canvas.text() == "\n╰ ready ╯"
    assert canvas.row(1)[0] == Run("╰", "deriv")
    canvas.stub(99, 1, "up")
    canvas.stub(0, -1, "up")
    assert canvas.text() == "\n╰ ready ╯"


def test_a_path_that_is_not_orthogonal_is_refused():
    with pytest.raises(ValueError, match="neither a row nor a column"):
        Canvas(5, 5).path([(0, 0), (3, 3)])


def test_labels_cover_strokes_with_their_blanks_and_give_the_next_column():
    canvas = Canvas(12, 1)
    canvas.hline(-1, 0, 12)
    assert canvas.put(2, 0, " h1 ", "strong") == 6
    assert canvas.put_runs(8, 0, [Run("a", "dim"), ("bc", "text")]) == 11
    assert canvas.text() == "── h1 ──abc─"
    assert canvas.row(0) == (Run("──", "edge"), Run(" h1 ", "strong"), Run("──", "edge"),
                             Run("a", "dim"), Run("bc", "text"), Run("─", "edge"))  # fmt: skip


def test_what_lies_outside_is_clipped():
    canvas = Canvas(4, 2)
    canvas.put(-2, 0, "abcd")
    canvas.put(2, 1, "efgh")
    canvas.put(-9, 0, "far")
    canvas.put(0, 5, "low")
    canvas.put(0, -1, "high")
    canvas.box(-1, -1, 9, 9)
    assert canvas.text() == "cd\n  ef"
    empty = Canvas(0, 0)
    empty.put(0, 0, "x")
    empty.box(0, 0, 3, 3)
    assert (empty.text(), empty.rows()) == ("", [])
    assert Canvas(0, 2).rows() == [(), ()]


def test_text_from_files_is_neither_markup_nor_control():
    canvas = Canvas(20, 1)
    canvas.put(0, 0, "[bold]w[h1]\x1b[31m漢")
    assert canvas.text() == "[bold]w[h1]?[31m?"
    assert canvas.rows() == [(("[bold]w[h1]?[31m?", "text"), ("   ", ""))]


def test_clear_takes_labels_and_strokes_away():
    canvas = draw_key_picture()
    canvas.clear(0, 0, 85, 8)
    assert canvas.text().lstrip("\n") == KEY_PICTURE.split("\n")[-1]
    assert canvas.row(0) == (Run(" " * 85, ""),)


def test_blit_joins_strokes_and_covers_with_labels():
    canvas, part = Canvas(7, 3), Canvas(3, 3)
    canvas.hline(-1, 1, 7)
    part.vline(1, -1, 3, "edge-active-value", heavy=True)
    part.put(2, 1, "▶", "value")
    part.link(2, 1, 1, 1, "step")
    canvas.blit(2, 0, part)
    assert canvas.text() == "   ┃\n───╂▶──\n   ┃"
    assert canvas.row(1)[1] == Run("╂", "edge-active-value")
    assert canvas.target_at(4, 1) == "step"
    canvas.blit(6, 2, part)
    canvas.blit(-2, -1, part)
    assert canvas.text() == "▶  ┃\n───╂▶──\n   ┃"


def test_the_current_line_takes_blanks_too():
    canvas = Canvas(6, 2)
    canvas.put(1, 0, "ab", "value")
    canvas.restyle(0, 0, 5, lambda role: f"cursor-{role}" if role else "cursor")
    assert canvas.row(0) == (Run(" ", "cursor"), Run("ab", "cursor-value"), Run("  ", "cursor"), Run(" ", ""))
    assert canvas.row(1) == (Run(" " * 6, ""),)


def test_the_last_link_of_a_cell_wins():
    canvas = Canvas(9, 9)
    canvas.link(0, 0, 9, 9, "info y[h1]")
    canvas.link(2, 2, 2, 1, "why d(y[h1])")
    assert canvas.target_at(3, 2) == "why d(y[h1])"
    assert canvas.target_at(4, 2) == canvas.target_at(3, 3) == "info y[h1]"
    assert canvas.target_at(9, 0) is None


def test_only_rows_that_differ_are_repainted():
    old, new = draw_key_picture(), draw_key_picture()
    assert new.rows_unlike(old) == []
    new.put(38, 2, "+0.03635", "deriv-chip")
    new.put(1, 5, "i2", "strong")  # another role is a change as well
    assert new.rows_unlike(old) == old.rows_unlike(new) == [2, 5]


def test_rows_are_written_with_the_glyphs_that_there_are():
    canvas = Canvas(5, 2)
    canvas.put(1, 0, "δ", "deriv")
    canvas.put(0, 1, "+0.1 ", "deriv-chip")
    assert canvas.rows() == [((" ", ""), ("δ", "deriv"), ("   ", "")), (("+0.1 ", "deriv-chip"),)]
    assert canvas.rows(ASCII)[0][1] == ("D", "deriv")


COLUMN, ROW = st.integers(-5, 30), st.integers(-3, 10)
DRAWING = st.one_of(
    st.tuples(st.just("put"), COLUMN, ROW, st.text(max_size=12), st.sampled_from(["value", "deriv"])),
    st.tuples(st.just("hline"), COLUMN, ROW, COLUMN, st.just("edge")),
    st.tuples(st.just("vline"), COLUMN, ROW, ROW, st.just("edge")),
    st.tuples(st.just("box"), COLUMN, ROW, st.integers(1, 9), st.integers(1, 5)),
    st.tuples(st.just("clear"), COLUMN, ROW, st.integers(0, 9), st.integers(0, 5)),
)


def test_the_top_of_a_picture_and_a_picture_that_scrolled():
    canvas = draw_key_picture()
    rows = canvas.rows()
    assert canvas.top(2).rows() == rows[:2]
    canvas.scroll(1)
    assert canvas.rows() == [*rows[1:], Canvas(canvas.width, 1).row(0)]


@given(st.lists(DRAWING, max_size=12), st.integers(0, 24), st.integers(0, 7), st.sampled_from([*GLYPH_SETS]))
def test_rows_are_exactly_as_wide_as_the_canvas(drawings, width, height, glyphs):
    canvas = Canvas(width, height)
    for name, *arguments in drawings:
        getattr(canvas, name)(*arguments)
    rows = canvas.rows(GLYPH_SETS[glyphs])
    assert len(rows) == height
    for row in rows:
        text = "".join(text for text, _ in row)
        assert len(text) == cell_len(text) == width
        assert text.isprintable()
        assert all(text for text, _ in row)
        assert all(one[1] != other[1] for one, other in pairwise(row))
    plain = ["".join(text for text, _ in row).rstrip() for row in rows]
    assert canvas.text(GLYPH_SETS[glyphs]) == "\n".join(plain)


@given(st.permutations(range(4)))
def test_the_order_of_light_strokes_does_not_matter(order):
    strokes = [("hline", 0, 2, 8), ("vline", 4, 0, 4), ("box", 2, 1, 5, 3), ("hline", 4, 1, 9)]
    canvas = Canvas(10, 5)
    for index in order:
        name, *arguments = strokes[index]
        getattr(canvas, name)(*arguments)
    assert canvas.text() == "    ╷\n  ╭─┼─┬──╴\n╶─┼─┼─┼─╴\n  ╰─┼─╯\n    ╵"


@given(st.lists(DRAWING, max_size=8), st.lists(DRAWING, max_size=3))
def test_rows_whose_runs_differ_are_unlike(drawings, more):
    old, new = Canvas(24, 6), Canvas(24, 6)
    for canvas, made in ((old, drawings), (new, [*drawings, *more])):
        for name, *arguments in made:
            getattr(canvas, name)(*arguments)
    assert {y for y in range(6) if old.row(y) != new.row(y)} <= {*new.rows_unlike(old)}
    assert old.rows_unlike(old) == []


def drawn(drawings, width=24, height=6, on=None):
    """A picture with some drawings on it."""
    canvas = on or Canvas(width, height)
    for name, *arguments in drawings:
        getattr(canvas, name)(*arguments)
    return canvas


LAID_ON = st.one_of(
    st.tuples(st.just("put"), COLUMN, ROW, st.text(max_size=12), st.sampled_from(["value", "deriv"])),
    st.tuples(st.just("hline"), COLUMN, ROW, COLUMN, st.sampled_from(["edge", "dim"])),
    st.tuples(st.just("vline"), COLUMN, ROW, ROW, st.sampled_from(["edge", "dim"])),
)


@example(("vline", 3, 0, 4, "dim"), [("box", 1, 1, 6, 3)])
@given(LAID_ON, st.lists(DRAWING, max_size=8))
def test_what_is_drawn_beneath_looks_as_if_it_had_been_drawn_first(first, then):
    then = [drawing for drawing in then if drawing[0] != "clear"]
    canvas = drawn(then)
    drawn([first], on=canvas.beneath())
    assert canvas.rows() == drawn([first, *then]).rows()


@example([("hline", 0, 0, 8, "dim")], [("hline", 0, 1, 8, "edge")], 0)
@given(st.lists(LAID_ON, max_size=4), st.lists(LAID_ON, max_size=8), st.integers(-3, 3))
def test_a_picture_laid_beneath_looks_as_if_it_had_been_there_first(below, above, x):
    canvas, part = drawn(above), drawn(below, 9, 4)
    canvas.beneath().blit(x, 1, part)
    first = Canvas(24, 6)
    first.blit(x, 1, part)
    drawn(above, on=first)
    assert canvas.rows() == first.rows()


@given(st.lists(DRAWING, max_size=8), st.lists(DRAWING, min_size=1, max_size=4))
def test_pictures_that_share_their_rows_are_drawn_on_one_by_one(drawings, more):
    canvas = drawn(drawings)
    rows, copy, below, top = canvas.rows(), Canvas(24, 8), Canvas(24, 6), canvas.top(4)
    copy.blit(0, 1, canvas)
    below.blit(0, 0, canvas)
    drawn(more, on=copy)
    drawn(more, on=top)
    assert canvas.rows() == below.rows() == rows
    drawn(more, on=canvas)
    assert below.rows() == rows
    assert canvas.rows() == drawn([*drawings, *more]).rows()


def test_what_is_cleared_cannot_be_clicked():
    canvas = Canvas(9, 3)
    for x in range(3):
        canvas.link(3 * x, 1, 3, 1, f"goto {x}")
    canvas.clear(3, 0, 3, 3)
    assert [canvas.target_at(x, 1) for x in (0, 4, 8)] == ["goto 0", None, "goto 2"]
